import type { ClaimRef } from "../ports/store.ts";

/**
 * The mark of an attempt's processes. It follows from the claim alone, so that
 * committing the claim commits the mark.
 *
 * @public
 */
export function markOf(claim: ClaimRef): string {
  return `${claim.runId}/${encodeURIComponent(claim.taskId)}/${claim.attempt}`;
}
