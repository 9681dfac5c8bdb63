/** What a panel says of a result, from what its seats said. */
import type { AgentPerspective, ReviewVerdict } from "../result.ts";

/** A panel's word on one result. @public */
export interface ReviewDecision {
  readonly verdict: ReviewVerdict;
  /** Empty when it is approved. */
  readonly reasons: readonly string[];
}

/**
 * One block is enough to block. Approved is what at least half of the seats approve and nobody blocks; anything else
 * waits for a person: `defer`.
 *
 * @param seats - how many were asked
 * @public
 */
export function reviewDecisionOf(
  reviews: readonly AgentPerspective[],
  seats: number = reviews.length,
): ReviewDecision {
  const blocking = reviews.filter(({ position }) => position === "block");
  if (blocking.length > 0) return { verdict: "block", reasons: blocking.map(reasonOf) };
  const approving = reviews.filter(({ position }) => position === "approve");
  if (approving.length > 0 && approving.length >= seats / 2) return { verdict: "approve", reasons: [] };
  const others = reviews.filter(({ position }) => position !== "approve").map(reasonOf);
  return { verdict: "defer", reasons: [`${approving.length} of ${seats} approve`, ...others] };
}

function reasonOf({ agent, content, concerns }: AgentPerspective): string {
  return `${agent.name}: ${concerns.length > 0 ? concerns.join("; ") : content}`;
}
