/**
 * Going on with a process that another engine started and did not live to see the end of: its output is followed, its
 * end is read, and what is left of it is ended like that of our own.
 */
import { existsSync } from "node:fs";
import { outputBytes } from "../text.ts";
import { endSurvivors, type Survivors, survivorsByMark } from "./end-processes.ts";
import { type ExitRecord, readExitRecord, recordStop, wasStopped } from "./exit-record.ts";
import { growthTailBytes, openOutput } from "./output.ts";
import { defaultGraceMs, defaultLingerMs, politeMs } from "./patience.ts";
import type { ProcessCause, ProcessEnd, ProcessOptions } from "./process-options.ts";

const lookEveryMs = 100;

/** What to go on with. All that is printed in the file is of this process. @internal */
export interface AdoptOptions
  extends Pick<
    ProcessOptions,
    "outputFile" | "mark" | "signal" | "onLine" | "onGrowth" | "onAlive" | "graceMs" | "lingerMs"
  > {
  /** Where its end is recorded; `null` when nobody does, and only what it prints tells. */
  readonly exitFile: string | null;
}

/**
 * Resolves as `runProcess` would have, once nothing of the process is alive; `null` when nothing tells how it ended,
 * or how it would have if nobody had told it to stop. Where no marks can be read (macOS) one that still runs counts as such.
 *
 * @internal
 */
export async function adoptProcess(options: AdoptOptions): Promise<ProcessEnd | null> {
  if (!existsSync(options.outputFile)) return null;
  let done = false;
  const onLine = options.onLine;
  const read =
    onLine &&
    ((line: string) => {
      if (onLine(line) === "done") done = true;
    });
  const startedAt = Date.now();
  const output = openOutput(options.outputFile, read, 0);
  const survivors = survivorsByMark(options.mark);
  const isDone = (): boolean => {
    while (output.follow());
    return done;
  };
  try {
    const last = await untilOver(
      options,
      survivors,
      isDone,
      () => {
        options.onGrowth?.(output.tail(growthTailBytes));
        options.onAlive?.();
      },
      output.bytes,
    );
    if (last === null) return null;
    await endSurvivors(survivors, last.politeMs);
    const isOver = isDone();
    output.end();
    const { exitCode, exitSignal } = recordOf(options) ?? { exitCode: null, exitSignal: null };
    return {
      cause: isOver || done ? "done" : last.cause,
      exitCode,
      exitSignal,
      startFailure: null,
      startedAt,
      endedAt: Date.now(),
      tail: output.tail(outputBytes),
      outputBytes: output.bytes(),
      droppedLines: output.droppedLines,
      leftBehind: 0,
    };
  } finally {
    output.close();
  }
}

interface Last {
  readonly cause: ProcessCause;
  /** What is left of it gets this long to end politely. */
  readonly politeMs: number;
}

/** Resolves why it is over; `null` when it is dead and has left no word, or was told to stop before. */
async function untilOver(
  options: AdoptOptions,
  survivors: Survivors,
  isDone: () => boolean,
  grown: () => void,
  bytes: () => number,
): Promise<Last | null> {
  const { signal, graceMs = defaultGraceMs, lingerMs = defaultLingerMs } = options;
  let size = -1;
  for (;;) {
    // In this order: what a process has said before it was found dead is read after that.
    const isAlive = await lives(survivors);
    if (wasStopped(options.outputFile)) return null;
    if (recordOf(options) !== null) return { cause: "exited", politeMs };
    if (isDone()) return { cause: "exited", politeMs: lingerMs };
    if (!isAlive) return null;
    if (signal.aborted) {
      recordStop(options.outputFile);
      return { cause: "aborted", politeMs: graceMs * 0.6 };
    }
    if (bytes() !== size) {
      size = bytes();
      grown();
    }
    await pause(lookEveryMs, signal);
  }
}

function recordOf({ exitFile }: AdoptOptions): ExitRecord | null {
  return exitFile === null ? null : readExitRecord(exitFile);
}

/** A process is invisible for the moment in which it replaces its program: one look proves no death. */
async function lives(survivors: Survivors): Promise<boolean> {
  if (survivors.find().pids.length > 0) return true;
  await new Promise((resolve) => setTimeout(resolve, 2));
  return survivors.find().pids.length > 0;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
