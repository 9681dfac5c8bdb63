/**
 * The one way in which this software starts programs.
 *
 * It owns what everybody gets wrong alone: stdin, the environment, deadlines,
 * the output file, the ladder that ends a process, and the proof that its
 * whole tree is dead.
 */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { messageOf } from "mai-orchestration-core";
import { endSurvivors, survivorsOf } from "./end-processes.ts";
import { childEnvironment } from "./environment.ts";
import { type Output, openOutput } from "./output.ts";
import { signalProcess } from "./process-table.ts";

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
  /** stdout and stderr are appended here in the order they come, one process at a time. Its folder exists. */
  readonly outputFile: string;
  /** Stands in the environment of the process and all its children. Not empty. */
  readonly mark: string;
  /** Aborting ends the process and everything it started. */
  readonly signal: AbortSignal;
  /** @defaultValue no limit */
  readonly timeoutMs?: number;
  /** Milliseconds without a byte printed. @defaultValue no limit */
  readonly idleTimeoutMs?: number;
  /** Within this much the termination ladder is over, down to SIGKILL. @defaultValue 5_000 */
  readonly graceMs?: number;
  /** Called for each line printed, up to 8 MB. Answering `"done"` says that the work is over. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a reader that answers nothing is the normal case
  readonly onLine?: (line: string) => "done" | void;
  /** Milliseconds the process may take to exit by itself after `"done"`. @defaultValue 2_000 */
  readonly lingerMs?: number;
  /** Called with the end of what was printed, at most four times a second, when more was printed. */
  readonly onGrowth?: (tail: string) => void;
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
export type ProcessCause = "exited" | "done" | "aborted" | "timeout" | "idle-timeout" | "not-started";

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

/** Bytes of output that an end carries. @internal */
export const tailBytes: number = 64 * 1024;

const defaultGraceMs = 5_000;
const defaultLingerMs = 2_000;
const followEveryMs = 50;
const lookEveryMs = 250;
const growthTailBytes = 4_096;
/** Leftovers of a process that ended by itself get this long to end politely. */
const politeMs = 500;
/** Timers of JavaScript cannot wait longer. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Runs a program to its end. Never rejects. Resolves only when the process and
 * everything it started are proven dead.
 *
 * @public
 */
export async function runProcess(options: ProcessOptions): Promise<ProcessEnd> {
  const startedAt = Date.now();
  if (options.signal.aborted) return notStarted("aborted", startedAt, null);
  let done = false;
  let output: Output;
  try {
    output = openOutput(options.outputFile, options.onLine && ((line) => {
      if (options.onLine?.(line) === "done") done = true;
    }));
  } catch (error) {
    return notStarted("not-started", startedAt, failure(codeOf(error), `cannot write ${options.outputFile}: ${messageOf(error)}`));
  }
  try {
    const child = await start(options, output.descriptor);
    if ("failure" in child) return notStarted("not-started", startedAt, child.failure);
    return await attend(child, options, output, () => done, startedAt);
  } finally {
    output.close();
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** From the start to the proof of death. */
async function attend(
  { child, pid, exit }: Started,
  options: ProcessOptions,
  output: Output,
  isDone: () => boolean,
  startedAt: number,
): Promise<ProcessEnd> {
  const graceMs = options.graceMs ?? defaultGraceMs;
  const survivors = survivorsOf(pid, options.mark);
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, fire: () => void): void => void timers.add(setTimeout(fire, Math.min(ms, longestTimerMs)));
  let cause: ProcessCause = "exited";
  let stoppedAt: number | null = null;

  function stop(why: ProcessCause): void {
    if (stoppedAt !== null) return;
    stoppedAt = Date.now();
    cause = why;
    survivors.note();
    child.stdin?.destroy();
    signalProcess(-pid, "SIGTERM");
    // What ignores the request gets the rest of the grace for being killed and for the proof.
    after(graceMs * 0.6, () => {
      survivors.note();
      signalProcess(-pid, "SIGKILL");
    });
  }

  const onAbort = (): void => stop("aborted");
  options.signal.addEventListener("abort", onAbort, { once: true });
  if (options.signal.aborted) onAbort();
  if (options.timeoutMs !== undefined) after(options.timeoutMs, () => stop("timeout"));
  const unwatch = watch(options, output, {
    silent: () => stop("idle-timeout"),
    turned: () => {
      if (isDone() && stoppedAt === null) after(options.lingerMs ?? defaultLingerMs, () => stop("done"));
    },
    isDone,
  });

  const { code, signal } = await exit;
  for (const timer of timers) clearTimeout(timer);
  unwatch();
  options.signal.removeEventListener("abort", onAbort);
  child.stdin?.destroy();
  const spentMs = stoppedAt === null ? 0 : Date.now() - stoppedAt;
  const leftBehind = await endSurvivors(survivors, Math.min(politeMs, Math.max(0, graceMs * 0.8 - spentMs)));
  while (output.follow()) await new Promise((resolve) => setImmediate(resolve));
  output.end();
  return {
    // The reader may have found the last line only now: then the work was over before we stopped it.
    cause: stoppedAt !== null && isDone() ? "done" : cause,
    exitCode: code,
    exitSignal: signal,
    startFailure: null,
    startedAt,
    endedAt: Date.now(),
    tail: output.tail(tailBytes),
    outputBytes: output.bytes(),
    droppedLines: output.droppedLines,
    leftBehind,
  };
}

interface Watcher {
  silent(): void;
  /** The reader has just said that the work is over. */
  turned(): void;
  isDone(): boolean;
}

/** Follows the output file while the process runs. Returns how to stop. */
function watch(options: ProcessOptions, output: Output, watcher: Watcher): () => void {
  const { idleTimeoutMs, onGrowth } = options;
  if (options.onLine === undefined && idleTimeoutMs === undefined && onGrowth === undefined) return () => {};
  const everyMs = options.onLine === undefined ? Math.min(lookEveryMs, (idleTimeoutMs ?? lookEveryMs) / 4) : followEveryMs;
  let bytes = 0;
  let grewAt = Date.now();
  let saidAt = 0;
  let said = 0;
  let turned = false;
  const timer = setInterval(() => {
    const now = Date.now();
    const size = output.bytes();
    if (size !== bytes) grewAt = now;
    bytes = size;
    output.follow();
    if (!turned && watcher.isDone()) {
      turned = true;
      watcher.turned();
    }
    if (onGrowth !== undefined && bytes !== said && now - saidAt >= lookEveryMs) {
      said = bytes;
      saidAt = now;
      onGrowth(output.tail(growthTailBytes));
    }
    if (idleTimeoutMs !== undefined && !turned && now - grewAt >= idleTimeoutMs) watcher.silent();
  }, everyMs);
  return () => clearInterval(timer);
}

/** Starts the child in a session and process group of its own. */
async function start(options: ProcessOptions, descriptor: number): Promise<Started | { readonly failure: StartFailure }> {
  const [file, ...args] = options.command;
  const env = childEnvironment({
    source: process.env,
    prefixes: options.envPrefixes ?? [],
    ...(options.envWithheld && { withheld: options.envWithheld }),
    ...(options.env && { added: options.env }),
    mark: options.mark,
  });
  const stdio: StdioOptions = [options.stdin === undefined ? "ignore" : "pipe", descriptor, descriptor];
  try {
    const child = spawn(file, args, { cwd: options.cwd, env, stdio, detached: true });
    const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    const failure = await new Promise<Error | null>((resolve) => {
      child.once("spawn", () => resolve(null));
      child.once("error", resolve);
    });
    if (failure !== null || child.pid === undefined) return { failure: explain(failure, options) };
    // Ours to ignore: a program need not read its stdin to the end.
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.stdin);
    return { child, pid: child.pid, exit };
  } catch (error) {
    return { failure: explain(error, options) };
  }
}

/** Says which of program and directory is at fault; the system gives both the same error. */
function explain(error: unknown, { cwd, command }: ProcessOptions): StartFailure {
  const code = codeOf(error);
  const [program] = command;
  const place = statSync(cwd, { throwIfNoEntry: false });
  if (place === undefined) return failure("ENOENT", `the directory ${cwd} does not exist`, "directory");
  if (!place.isDirectory()) return failure("ENOTDIR", `${cwd} is not a directory`, "directory");
  if (code === "ENOENT") return failure(code, `the program ${program} was not found`, "program");
  if (code === "EACCES") return failure(code, `${program} may not be run in ${cwd}: permission denied`);
  return failure(code, `${program} could not be started: ${error === null ? "no process" : messageOf(error)}`);
}

function failure(code: string, message: string, missing: StartFailure["missing"] = null): StartFailure {
  return { code, message, missing };
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  return typeof code === "string" ? code : "UNKNOWN";
}

function notStarted(cause: ProcessCause, startedAt: number, startFailure: StartFailure | null): ProcessEnd {
  const nothing = { tail: "", outputBytes: 0, droppedLines: 0, leftBehind: 0 };
  return { cause, exitCode: null, exitSignal: null, startFailure, startedAt, endedAt: Date.now(), ...nothing };
}
