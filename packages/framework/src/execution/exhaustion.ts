/** What is said of a run whose ceiling leaves no room. */
import type { Exhausted, Store } from "mai-orchestration-engine";

/** Anything that may name a ceiling. */
interface Bounded {
  readonly maxCostUsd?: number | null;
}

/** Whether one of them names a ceiling. @internal */
export function hasCeiling(...places: readonly Bounded[]): boolean {
  return places.some(({ maxCostUsd = null }) => maxCostUsd !== null);
}

/** How a run ended that may spend no more. */
interface ExhaustedEnd {
  readonly type: "exhausted";
  readonly reason: string;
  readonly resume: string;
}

/**
 * Says in the journal that a run's ceiling lets nothing start any more; `null`, and nothing said, for one that stopped
 * for another reason.
 *
 * @internal
 */
export async function interruptExhausted(
  store: Store,
  exhausted: Exhausted | null,
  resume: string,
): Promise<ExhaustedEnd | null> {
  if (exhausted === null) return null;
  const why = exhaustionOf(exhausted, resume);
  await store.note(exhausted.runId, { type: "run.interrupted", ...why });
  return { type: "exhausted", ...why };
}

/**
 * Why it stopped, and the command that goes on with twice the ceiling, or more where that would not do.
 *
 * @param resume - the command that goes on as before
 */
function exhaustionOf(
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
