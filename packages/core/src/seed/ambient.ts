/**
 * The clock, chance and console of the original's helpers, which take none of
 * them as an argument. Only files of this folder may import this one: the rules
 * get time as an argument and never learn what time it is.
 */

// This package compiles without any runtime's types; this is all it needs of them.
declare const console: { log(...parts: unknown[]): void; error(...parts: unknown[]): void };

const suffixes = 36 ** 6;
let nextSuffix: number | undefined;

/** The time now. @internal */
export function wallClock(): Date {
  return new Date();
}

/**
 * Six base-36 digits, random at first and counted up from there, so that no two
 * of one process are equal however many it takes in one millisecond.
 *
 * @internal
 */
export function randomSuffix(): string {
  const suffix = nextSuffix ?? Math.floor(Math.random() * suffixes);
  nextSuffix = (suffix + 1) % suffixes;
  return suffix.toString(36).padStart(6, "0");
}

/** Prints on the console. @internal */
export function say(level: "log" | "error", ...parts: readonly unknown[]): void {
  console[level](...parts);
}
