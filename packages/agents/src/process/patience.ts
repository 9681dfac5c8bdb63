/** How long a process is waited for, whether this engine started it or another one. All in milliseconds. */

/** From the first request to end until all of it is dead. */
export const defaultGraceMs = 5_000;
/** For a program that has said all there is to say, until it is told to end. */
export const defaultLingerMs = 2_000;
/** For leftovers of a process that ended by itself, until they are killed. */
export const politeMs = 500;
