/**
 * Lets at most so many pieces of work run at once, in the order they asked. Who is told to stop while it waits leaves
 * the queue at once: its work is never begun, and it gets `null`.
 */
export function semaphore(
  places: number,
): <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T | null> {
  let free = places;
  const queue = new Set<() => void>();
  const isGivenPlace = (signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const give = (): void => {
        signal.removeEventListener("abort", leave);
        resolve(true);
      };
      const leave = (): void => {
        queue.delete(give);
        resolve(false);
      };
      queue.add(give);
      signal.addEventListener("abort", leave, { once: true });
    });
  return async (signal, work) => {
    if (signal.aborted) return null;
    if (free > 0) free--;
    else if (!(await isGivenPlace(signal))) return null;
    try {
      return signal.aborted ? null : await work();
    } finally {
      const [next] = queue;
      if (next === undefined) free++;
      else {
        queue.delete(next);
        next();
      }
    }
  };
}
