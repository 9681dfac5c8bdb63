/** `mai status`: where every task of a run stands. */
import { hasSucceeded, isHeld, resultOf, type TaskState } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { exitCode, jsonFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import type { Driver } from "../run/driver-of.ts";
import { judgedTasks } from "../store/final-results.ts";
import { findRun } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";
import { storeWords } from "../store/store-words.ts";
import { ago } from "../text/amounts.ts";
import { columnsOf } from "../text/table.ts";
import { oneLine } from "../text/text.ts";
import { themeFor } from "../text/theme.ts";
import { approvalHint } from "../watch/run-watch.ts";
import { taskTable, totalsText } from "../watch/summary.ts";
import { watchOfRows } from "../watch/watch-of-rows.ts";
import { stateOf } from "./ps.ts";

/** @internal */
export const verb: Verb = {
  usage: "status [RUN]",
  args: [0, 1],
  flags: [jsonFlag, storeFlag],
  details: "Without a name: the newest run that has not ended, else the newest.",
  examples: [
    ["mai status", "the run that goes on, or the last one"],
    ["mai status run-mb3x", "the run whose id starts so"],
    ["mai status --json", "one JSON object, for programs"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store, path) => {
      const run = await findRun(store, words.args[0]);
      const tasks = await judgedTasks(store, run, await store.tasks({ runId: run.runId }));
      const driver = await driverState(store, run, tasks);
      io.stdout.write(
        words.has("json")
          ? `${JSON.stringify(jsonOf(run, tasks, driver))}\n`
          : textOf(run, tasks, driver, io, await storeWords(path, io)),
      );
      return exitCode.succeeded;
    });
  },
};

/** Whether the process that drives the run lives; `null` when none is needed. Asked only of runs that have running attempts: it loads more. */
async function driverState(
  store: Store,
  run: RunRecord,
  tasks: readonly TaskState[],
): Promise<Driver["state"] | null> {
  if (run.finishedAt !== null) return null;
  if (!tasks.some(isHeld)) return "unseen";
  const { driverOf } = await import("../run/driver-of.ts");
  return (await driverOf(store, run.runId)).state;
}

function textOf(
  run: RunRecord,
  tasks: readonly TaskState[],
  driver: Driver["state"] | null,
  io: CommandIo,
  inStore: string,
): string {
  const theme = themeFor(io.stdout, io.env);
  const now = io.now();
  const watch = watchOfRows(run, tasks);
  const head = `${theme.bold(oneLine(run.name ?? "run"))}  ${theme.dim(run.runId)}  ${stateOf(run)}, started ${ago(now - run.createdAt)}`;
  const lines = [
    head,
    "",
    ...taskTable(watch, { theme, columns: columnsOf(io.stdout), now }),
    "",
    totalsText(watch, now),
  ];
  const resume = `continue with: mai resume ${run.runId}${inStore}`;
  if (run.interruptedAt !== null) lines.push(`interrupted; ${resume}`);
  else if (driver === "dead")
    lines.push(theme.warn(`the process that drove it has died, and what it ran counts as lost; ${resume}`));
  const hint = run.finishedAt === null ? approvalHint(watch, inStore) : "";
  if (hint !== "") lines.push(theme.warn(hint));
  return `${lines.join("\n")}\n`;
}

function jsonOf(run: RunRecord, tasks: readonly TaskState[], driver: Driver["state"] | null): object {
  return { run: { ...run, state: stateOf(run), driver }, tasks: tasks.map(taskJson) };
}

function taskJson(task: TaskState): object {
  const { spec, phase, attempt, agentId, startedAt, notBefore, progress, end } = task;
  return {
    taskId: spec.taskId,
    type: spec.type,
    phase,
    attempts: attempt,
    agentId,
    startedAt,
    notBefore,
    progress,
    succeeded: hasSucceeded(task),
    result: end === null ? null : resultOf(task),
  };
}
