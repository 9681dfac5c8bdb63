/**
 * The one way in which this software starts programs.
 *
 * It owns what everybody gets wrong alone: stdin, the environment, deadlines,
 * the output file, the ladder that ends a process, and the proof that its
 * whole tree is dead.
 */
import { messageOf } from "mai-orchestration-core";
import { outputBytes } from "../text.ts";
import { askToEnd, endSurvivors, survivorsOf } from "./end-processes.ts";
import { recordStop } from "./exit-record.ts";
import { growthTailBytes, type Output, openOutput } from "./output.ts";
import { defaultGraceMs, defaultLingerMs, politeMs } from "./patience.ts";
import type { ProcessCause, ProcessEnd, ProcessOptions, StartFailure } from "./process-options.ts";
import { markedProcesses, signalProcess } from "./process-table.ts";
import { codeOf, failure, type Started, startProcess } from "./start-process.ts";
import { isBehindWall } from "./wall.ts";

const followEveryMs = 50;
const lookEveryMs = 250;
const defaultAliveEveryMs = 1_000;
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
    output = openOutput(
      options.outputFile,
      options.onLine &&
        ((line) => {
          if (options.onLine?.(line) === "done") done = true;
        }),
    );
  } catch (error) {
    return notStarted(
      "not-started",
      startedAt,
      failure(codeOf(error), `cannot write ${options.outputFile}: ${messageOf(error)}`),
    );
  }
  try {
    const child = await startProcess(options, output.descriptor);
    if ("failure" in child) return notStarted("not-started", startedAt, child.failure);
    return await attend(child, options, output, () => done, startedAt);
  } finally {
    output.close();
  }
}

/** From the start to the proof of death. */
async function attend(
  { child, pid, exit, over }: Started,
  options: ProcessOptions,
  output: Output,
  isDone: () => boolean,
  startedAt: number,
): Promise<ProcessEnd> {
  const graceMs = options.graceMs ?? defaultGraceMs;
  const survivors = survivorsOf(pid, options.mark);
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, fire: () => void): void =>
    void timers.add(setTimeout(fire, Math.min(ms, longestTimerMs)));
  let cause: ProcessCause = "exited";
  let stoppedAt: number | null = null;

  /** A wall ends with everything behind it at the first request: who is behind it is asked, and not the wall. */
  function ask(): void {
    const inside = isBehindWall(options.mark) ? markedProcesses(options.mark) : [];
    if (inside.length === 0) askToEnd(-pid);
    for (const one of inside) if (one !== pid) askToEnd(one);
  }

  function stop(why: ProcessCause): void {
    if (stoppedAt !== null) return;
    stoppedAt = Date.now();
    cause = why;
    if (why !== "done") recordStop(options.outputFile);
    survivors.note();
    const { interrupt } = options;
    if (typeof interrupt === "function") interrupt();
    // Who is talked with ends when nobody talks any more.
    else child.stdin?.end();
    if (interrupt === "SIGINT") signalProcess(-pid, "SIGINT");
    const askMs = graceMs * (interrupt !== undefined ? 0.3 : child.stdin === null ? 0 : 0.2);
    if (askMs === 0) ask();
    else after(askMs, ask);
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
  options.onStdin?.({
    write: (text) => void (child.stdin?.writable && child.stdin.write(text)),
    end: () => void child.stdin?.end(),
  });
  const unwatch = watch(options, output, {
    turned: () => {
      if (!isDone() || stoppedAt !== null) return;
      if (options.onStdin !== undefined) child.stdin?.end();
      after(options.lingerMs ?? defaultLingerMs, () => stop("done"));
    },
    isDone,
  });

  const { code, signal } = await exit;
  for (const timer of timers) clearTimeout(timer);
  unwatch();
  options.onAlive?.();
  options.signal.removeEventListener("abort", onAbort);
  const spentMs = stoppedAt === null ? 0 : Date.now() - stoppedAt;
  const leftBehind = await endSurvivors(survivors, Math.min(politeMs, Math.max(0, graceMs * 0.8 - spentMs)));
  over();
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
    tail: output.tail(outputBytes),
    outputBytes: output.bytes(),
    droppedLines: output.droppedLines,
    leftBehind,
  };
}

interface Watcher {
  /** The reader has just said that the work is over. */
  turned(): void;
  isDone(): boolean;
}

/** Follows the output file while the process runs. Returns how to stop. */
function watch(options: ProcessOptions, output: Output, watcher: Watcher): () => void {
  const { onLine, onGrowth, onAlive, aliveEveryMs = defaultAliveEveryMs } = options;
  if (onLine === undefined && onGrowth === undefined && onAlive === undefined) return () => {};
  const lookMs = onLine === undefined ? lookEveryMs : followEveryMs;
  const everyMs = onAlive === undefined ? lookMs : Math.min(lookMs, aliveEveryMs / 2);
  let aliveAt = 0;
  let aliveBytes = 0;
  let saidAt = 0;
  let said = 0;
  let turned = false;
  const timer = setInterval(() => {
    const now = Date.now();
    const bytes = output.bytes();
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
    // Whoever has said all there is to say may be silent.
    if (onAlive !== undefined && (turned || bytes !== aliveBytes) && now - aliveAt >= aliveEveryMs) {
      aliveBytes = bytes;
      aliveAt = now;
      onAlive();
    }
  }, everyMs);
  return () => clearInterval(timer);
}

function notStarted(cause: ProcessCause, startedAt: number, startFailure: StartFailure | null): ProcessEnd {
  const nothing = { tail: "", outputBytes: 0, droppedLines: 0, leftBehind: 0 };
  return {
    cause,
    exitCode: null,
    exitSignal: null,
    startFailure,
    startedAt,
    endedAt: Date.now(),
    ...nothing,
  };
}
