/** `mai status`: where every task of a run stands. */
import { hasSucceeded, resultOf, type TaskState } from "mai-orchestration-core";
import type { RunRecord } from "mai-orchestration-engine";
import { exitCode, jsonFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { findRun } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";
import { ago } from "../text/amounts.ts";
import { columnsOf } from "../text/table.ts";
import { oneLine } from "../text/text.ts";
import { themeFor } from "../text/theme.ts";
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
    return withStore(words, io, async (store) => {
      const run = await findRun(store, words.args[0]);
      const tasks = await store.tasks({ runId: run.runId });
      io.stdout.write(words.has("json") ? `${JSON.stringify(jsonOf(run, tasks))}\n` : textOf(run, tasks, io));
      return exitCode.succeeded;
    });
  },
};

function textOf(run: RunRecord, tasks: readonly TaskState[], io: CommandIo): string {
  const theme = themeFor(io.stdout, io.env);
  const now = io.now();
  const watch = watchOfRows(run, tasks);
  const head = `${theme.bold(oneLine(run.name ?? "run"))}  ${theme.dim(run.runId)}  ${stateOf(run)}, started ${ago(now - run.createdAt)}`;
  const lines = [head, "", ...taskTable(watch, { theme, columns: columnsOf(io.stdout), now }), "", totalsText(watch, now)];
  if (run.interruptedAt !== null) lines.push(`interrupted; continue with: mai resume ${run.runId}`);
  return `${lines.join("\n")}\n`;
}

function jsonOf(run: RunRecord, tasks: readonly TaskState[]): object {
  return { run: { ...run, state: stateOf(run) }, tasks: tasks.map(taskJson) };
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
