/** Chance that a seed decides: 32-bit integer arithmetic only, so that every runtime draws the same. */

/** Chance drawn from a seed: the same on every runtime. @public */
export interface Random {
  /** At least `min`, at most `max`, whole. */
  int(min: number, max: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Each item with this probability, in order. */
  some<T>(items: readonly T[], probability: number): T[];
  /** Chance of its own for one purpose: what else is drawn here does not change it. */
  fork(purpose: string): Random;
}

/** Chance that `seed` alone decides. @public */
export function randomOf(seed: string): Random {
  let state = hashOf(seed);
  const next = (): number => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const chance = (probability: number): boolean => next() < probability * 2 ** 32;
  return {
    chance,
    int: (min, max) => min + (next() % (max - min + 1)),
    pick: (items) => items[next() % items.length] ?? items[0],
    some: (items, probability) => items.filter(() => chance(probability)),
    fork: (purpose) => randomOf(`${seed}/${purpose}`),
  };
}

/** @internal */
export function hashOf(text: string): number {
  // FNV-1a, then a last mix: seeds that differ in one digit must not draw alike.
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
