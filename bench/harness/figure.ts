/** One measured quantity: the median of its runs, and how far they lay apart. */
export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** How many runs it stands on. */
  readonly n: number;
}

/** @throws RangeError without values, for the median of nothing would read as a measurement. */
export function figureOf(values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  const min = sorted[0];
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new RangeError("A figure needs at least one value");
  return { median: middleOf(sorted), min, max, n: sorted.length };
}

/** The ratios `ours / theirs` of runs that took place side by side, in the same round. */
export function pairRatios(ours: readonly number[], theirs: readonly number[]): readonly number[] {
  if (ours.length !== theirs.length) throw new RangeError("Pairs need equally many runs on both sides");
  return ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
}

/** The arithmetic mean. */
export function meanOf(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("A mean needs at least one value");
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function middleOf(sorted: readonly number[]): number {
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  if (sorted.length % 2 === 1) return upper;
  return ((sorted[sorted.length / 2 - 1] ?? Number.NaN) + upper) / 2;
}
