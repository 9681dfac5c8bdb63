/** What the runner is asked, and what it answers. */

/** What to run, and within which limits. @public */
export interface ProcessOptions {
  /** The program and its arguments. Never passed through a shell. */
  readonly command: readonly [file: string, ...args: string[]];
  /** Absolute. */
  readonly cwd: string;
  /** Variables set on top of those that every child gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Variables of ours beginning like this are passed on too. */
  readonly envPrefixes?: readonly string[];
  /** Variables kept back although a prefix covers them. */
  readonly envWithheld?: ReadonlySet<string>;
  /** Given on stdin, which is then closed. @defaultValue an empty stdin */
  readonly stdin?: string;
  /**
   * Keeps stdin open instead, and is given it once the process runs, for programs that are talked with: what they
   * print comes through `onLine`. We close it when the process is to end, which is then the first, most polite request.
   */
  readonly onStdin?: (stdin: LiveStdin) => void;
  /** stdout and stderr are appended here in the order they come, one process at a time. Its folder exists. */
  readonly outputFile: string;
  /** Stands in the environment of the process and all its children. Not empty. */
  readonly mark: string;
  /** Aborting ends the process and everything it started. */
  readonly signal: AbortSignal;
  /** @defaultValue no limit */
  readonly timeoutMs?: number;
  /**
   * What is tried for a while before SIGTERM, for programs that then still say what they used: SIGINT, or words on
   * stdin, which is left open for them.
   */
  readonly interrupt?: "SIGINT" | (() => void);
  /** Within this much the termination ladder is over, down to SIGKILL. @defaultValue 5_000 */
  readonly graceMs?: number;
  /** Called for each line printed, up to 8 MB. Answering `"done"` says that the work is over. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a reader that answers nothing is the normal case
  readonly onLine?: (line: string) => "done" | void;
  /** Milliseconds the process may take to exit by itself after `"done"`. @defaultValue 2_000 */
  readonly lingerMs?: number;
  /** Called with the end of what was printed, at most four times a second, when more was printed. */
  readonly onGrowth?: (tail: string) => void;
  /** Called when more was printed, even without a line break, and while we end a process whose work is over. */
  readonly onAlive?: () => void;
  /** Milliseconds between two calls of `onAlive` at least. @defaultValue 1_000 */
  readonly aliveEveryMs?: number;
}

/** The stdin of a process that runs. Writing to one that has ended does nothing. @public */
export interface LiveStdin {
  write(text: string): void;
  end(): void;
}

/** Why a process could not be started. @public */
export interface StartFailure {
  /** As the system names it: `ENOENT`, `EACCES`, ... */
  readonly code: string;
  readonly message: string;
  /** What there is none of; `null` when the trouble is another. */
  readonly missing: "program" | "directory" | null;
}

/** Why a process ended. @public */
export type ProcessCause = "exited" | "done" | "aborted" | "timeout" | "not-started";

/** How a process ended. Nothing it started is alive when somebody holds this. @public */
export interface ProcessEnd {
  readonly cause: ProcessCause;
  /** `null` when a signal ended it, or it never started. */
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  /** Why it could not be started, in one line. */
  readonly startFailure: StartFailure | null;
  readonly startedAt: number;
  readonly endedAt: number;
  /** The last 64 KB printed. */
  readonly tail: string;
  readonly outputBytes: number;
  /** Lines longer than a reader gets. */
  readonly droppedLines: number;
  /** Processes that had outlived it and were ended. */
  readonly leftBehind: number;
}
