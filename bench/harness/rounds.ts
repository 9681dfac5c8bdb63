/** Runs contenders side by side, so that what slows the machine for a while slows all of them. */

export type Outcome<T> =
  | { readonly ok: true; readonly runs: readonly T[] }
  /** A contender that could not run shows up with its reason; nothing is silently missing. */
  | { readonly ok: false; readonly reason: string };

/**
 * Runs every contender once a round, each round starting with another one.
 * A contender that fails once is left out of the remaining rounds.
 */
export async function inRounds<C, T>(
  contenders: readonly C[],
  rounds: number,
  run: (contender: C, round: number) => Promise<T>,
): Promise<ReadonlyMap<C, Outcome<T>>> {
  const runs = new Map<C, T[]>(contenders.map((contender) => [contender, []]));
  const reasons = new Map<C, string>();
  for (let round = 0; round < rounds; round++) {
    for (const contender of rotate(contenders, round)) {
      if (reasons.has(contender)) continue;
      try {
        runs.get(contender)?.push(await run(contender, round));
      } catch (error) {
        reasons.set(contender, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return new Map(
    contenders.map((contender) => [contender, outcomeOf(reasons.get(contender), runs.get(contender))]),
  );
}

/** `items` beginning with the one at `by`, counted around. */
export function rotate<T>(items: readonly T[], by: number): readonly T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function outcomeOf<T>(reason: string | undefined, runs: readonly T[] = []): Outcome<T> {
  return reason === undefined ? { ok: true, runs } : { ok: false, reason };
}
