/** When to try again. */

/** Engine deaths a task may suffer before its last try alone. */
export const defaultMaxLost = 3;
/** Milliseconds before the second attempt. */
export const defaultBackoffMs = 1_000;
/** Milliseconds to wait for a quota whose reset time nobody stated: one probe a quarter of an hour. */
export const quotaWaitMs: number = 15 * 60_000;

const longestDelayMs = 60 * 60_000;

/**
 * Milliseconds before the next attempt: `backoffMs` after the first failure,
 * doubling with each further one, at most an hour.
 *
 * @param failures - counted failures so far, from 1
 * @internal
 */
export function retryDelayMs(backoffMs: number, failures: number): number {
  // Thirty doublings are past the longest delay; without the bound a backoff of 0 ends as 0 times infinity.
  return Math.min(longestDelayMs, Math.ceil(backoffMs * 2 ** Math.min(failures - 1, 30)));
}
