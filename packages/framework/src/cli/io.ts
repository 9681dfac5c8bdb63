/** All that a verb sees of the process it runs in. Made once in `main.ts`, and by tests. */

/** Where a verb writes to. @internal */
export interface Output {
  write(text: string | Uint8Array): void;
  /** Resolves once the reader has taken what was written, so that a slow one does not fill the memory. */
  drained(): Promise<void>;
  readonly isTTY: boolean;
  /** Of the terminal, as it is now. */
  readonly columns: number;
  readonly rows: number;
}

/** Why this process should stop; `SIGPIPE` when nobody reads its output any more. @internal */
export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGPIPE";

/** @internal */
export interface CommandIo {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly cwd: string;
  /** The words that start this program again: an executable and its script. */
  readonly self: readonly string[];
  /** Unix milliseconds. */
  now(): number;
  readStdin(): Promise<Uint8Array>;
  /**
   * Calls `listener` at the first signal to stop. A second one ends the process at once, right after `last`, which
   * can wait for nothing. Returns how to stop listening.
   */
  onSignal(listener: (signal: StopSignal) => void, last?: () => void): () => void;
}
