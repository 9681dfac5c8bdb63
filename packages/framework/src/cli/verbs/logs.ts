/** `mai logs`: what an attempt printed. */
import { stat } from "node:fs/promises";
import { MaiError, type TaskState } from "mai-orchestration-core";
import { secretValues } from "mai-orchestration-core/redact";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { logFile, logFolder } from "../../execution/workplace.ts";
import {
  exitCode,
  type Flag,
  jsonFlag,
  runFlag,
  storeFlag,
  usageError,
  type Verb,
  type Words,
} from "../command.ts";
import type { CommandIo } from "../io.ts";
import { findTask } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";

const followFlag: Flag = {
  name: "follow",
  short: "f",
  summary: "go on with what it prints, until the task ends",
};
const attemptFlag: Flag = { name: "attempt", value: "N", summary: "which attempt; the newest when left out" };
const pollMs = 200;

/** @internal */
export const verb: Verb = {
  usage: "logs TASK [-f]",
  args: [1, 1],
  flags: [followFlag, attemptFlag, runFlag, jsonFlag, storeFlag],
  examples: [
    ["mai logs types", "what the newest attempt of `types` printed"],
    ["mai logs types -f", "the same, while it runs"],
    ["mai logs types --attempt 1", "what the first attempt printed"],
    ["mai logs types --json", "which file it is, as JSON"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store) => {
      const { run, task } = await findTask(store, words.value("run"), words.args[0] ?? "");
      const wanted = wantedAttempt(words);
      if (words.has("json")) return printPlace(run, task, wanted, io);
      if (words.has("follow")) return followTask(store, run, task, wanted, io);
      const attempt = startedAttempt(task, wanted);
      const end = await copyFrom(fileOf(run, task, attempt), { position: 0, grows: false }, task, io);
      if (end === null) throw nothingKept(run, task, attempt);
      return exitCode.succeeded;
    });
  },
};

function wantedAttempt(words: Words): number | null {
  const text = words.value("attempt");
  if (text === undefined) return null;
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  throw usageError(`--attempt must be a whole number from 1, not ${JSON.stringify(text)}`, "logs");
}

function startedAttempt(task: TaskState, wanted: number | null): number {
  const { taskId } = task.spec;
  if (task.attempt === 0) {
    throw new MaiError("run.task-not-found", `No attempt of ${taskId} was started, so nothing was printed`, {
      hint: `\`mai why ${taskId}\` says why.`,
    });
  }
  if (wanted === null || wanted <= task.attempt) return wanted ?? task.attempt;
  throw new MaiError(
    "run.task-not-found",
    `Task ${taskId} has no attempt ${wanted}; the newest is ${task.attempt}`,
  );
}

function fileOf(run: RunRecord, task: TaskState, attempt: number): string {
  const named = attempt === task.attempt ? task.answer?.outputFile : undefined;
  return named ?? logFile(logFolder(run.root), { runId: run.runId, taskId: task.spec.taskId, attempt });
}

function nothingKept(run: RunRecord, task: TaskState, attempt: number): MaiError {
  return new MaiError(
    "run.task-not-found",
    `What attempt ${attempt} of ${task.spec.taskId} printed is not there any more (or it printed nothing to a file)`,
    {
      hint: `It would be ${fileOf(run, task, attempt)}.`,
    },
  );
}

function printPlace(run: RunRecord, task: TaskState, wanted: number | null, io: CommandIo): number {
  const attempt = startedAttempt(task, wanted);
  const { taskId } = task.spec;
  io.stdout.write(
    `${JSON.stringify({ runId: run.runId, taskId, attempt, outputFile: fileOf(run, task, attempt) })}\n`,
  );
  return exitCode.succeeded;
}

/** Prints one attempt after the other (or the one wanted) as they grow, until the task has ended. */
async function followTask(
  store: Store,
  run: RunRecord,
  first: TaskState,
  wanted: number | null,
  io: CommandIo,
): Promise<number> {
  const { taskId } = first.spec;
  let attempt = wanted ?? Math.max(1, first.attempt);
  let position = 0;
  let seen = 0;
  for (;;) {
    const [task] = await store.tasks({ runId: run.runId, taskIds: [taskId] });
    if (task === undefined) return exitCode.succeeded;
    // Looked at before the file, so that the last words of an ended attempt are still read.
    const isOver = task.phase === "ended" || task.attempt > attempt;
    // A line that is not complete is shown once it has stood for a while: a secret may be written in pieces.
    const file = fileOf(run, task, attempt);
    const size = await sizeOf(file);
    const grows = !isOver && size !== seen;
    seen = size;
    position = (await copyFrom(file, { position, grows }, task, io)) ?? position;
    if (isOver && (wanted !== null || task.attempt <= attempt)) return exitCode.succeeded;
    if (isOver) {
      attempt++;
      position = 0;
      seen = 0;
      io.stdout.write(`--- attempt ${attempt} ---\n`);
      continue;
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Prints what the file holds from `position` on, secrets hidden; resolves where to go on, or `null` when there is no file. */
async function copyFrom(
  file: string,
  { position, grows }: { readonly position: number; readonly grows: boolean },
  task: TaskState,
  io: CommandIo,
): Promise<number | null> {
  const { copyWithoutSecrets } = await import("mai-orchestration-agents");
  return copyWithoutSecrets(file, {
    from: position,
    grows,
    values: [...secretValues(io.env), ...secretValues(task.spec.env ?? {})],
    write(bytes) {
      io.stdout.write(bytes);
      return io.stdout.drained();
    },
  });
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
