/** What is said of a run whose ceiling leaves no room. */
import type { Exhausted } from "mai-orchestration-engine";

/**
 * Why it stopped, and the command that goes on with twice the ceiling, or more where that would not do.
 *
 * @param resume - the command that goes on as before
 * @internal
 */
export function exhaustionOf(
  { maxCostUsd, spentUsd, largestUsd }: Exhausted,
  resume: string,
): { readonly reason: string; readonly resume: string } {
  const spent = `${dollars(spentUsd)} of ${dollars(maxCostUsd)} spent`;
  const reason = `its ceiling leaves no room for another attempt: ${spent}, the dearest attempt cost ${dollars(largestUsd)}`;
  const enough = Math.max(2 * maxCostUsd, spentUsd + largestUsd);
  return { reason, resume: `${resume} --max-cost ${Math.ceil(enough * 100) / 100}` };
}

function dollars(usd: number): string {
  return `$${usd < 0.01 && usd > 0 ? usd.toFixed(4) : usd.toFixed(2)}`;
}
