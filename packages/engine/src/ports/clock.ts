/** Time as the engine knows it. */

/** Where an engine or store has its time from, so that tests can move it. @public */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /**
   * Calls `fire` once, `ms` from now, unless the returned function was called
   * before. A waiting timer keeps the process alive only if `keepAlive`.
   */
  timer(ms: number, fire: () => void, keepAlive?: boolean): () => void;
  /** Calls `fire` in the next turn of the event loop, when what can go on at once has gone on. Takes no time. */
  soon(fire: () => void): void;
}
