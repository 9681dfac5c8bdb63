/** How long a run will still take, as far as that can be known. */
import { leftIn, type RunWatch } from "./run-watch.ts";

/** Tasks that must have succeeded before their mean speaks for those without an estimate. */
const enough = 3;

/**
 * Milliseconds that probably remain, or `null` while nobody can know: the work
 * left over the slots in use, and at least the longest path behind what runs.
 *
 * @param now - Unix milliseconds
 * @internal
 */
export function remainingMs(watch: RunWatch, now: number): number | null {
  const left = leftIn(watch);
  if (left === 0) return null;
  if (watch.unestimatedLeft > 0 && watch.succeeded < enough) return null;
  const mean = watch.succeeded === 0 ? 0 : watch.succeededMs / watch.succeeded;
  let work = watch.estimatedLeftMs + watch.unestimatedLeft * mean;
  let path = 0;
  for (const task of watch.held.values()) {
    const spent = Math.max(0, now - (task.startedAt ?? now));
    work -= Math.min(spent, task.estimateMs ?? mean);
    // Without estimates the path is counted in guesses, which would look like knowledge.
    if (watch.unestimatedLeft === 0) path = Math.max(path, task.behindMs - spent);
  }
  const slots = Math.max(1, Math.min(watch.parallel ?? Number.POSITIVE_INFINITY, watch.mostHeld, left));
  return Math.max(0, work / slots, path);
}
