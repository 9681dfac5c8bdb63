/** `mai verify`: whether what a run proved can be proved again, from nothing but what git has. */
import { join } from "node:path";
import type { CheckedAgain } from "mai-orchestration-agents";
import { hasSucceeded, MaiError } from "mai-orchestration-core";
import { secretValues } from "mai-orchestration-core/redact";
import { safeFileName } from "../../execution/safe-file-name.ts";
import { logFolder } from "../../execution/workplace.ts";
import { exitCode, jsonFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { findRun } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";
import { plural } from "../text/text.ts";

/** @internal */
export const verb: Verb = {
  usage: "verify [RUN]",
  args: [0, 1],
  flags: [jsonFlag, storeFlag],
  details: `Checks out what the receipts of every successful task name, makes it ready as the task's own work tree was, runs its
checks there, and compares. Exits with 0 if every one ends as its receipt says, else with 1. The checkouts are removed.`,
  examples: [
    ["mai verify", "the newest run"],
    ["mai verify run-mb3x --json", "one task a line, for programs"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store) => {
      const { createGit, createRunCheck, checkAgain, hideSecretsInFile } = await import(
        "mai-orchestration-agents"
      );
      const run = await findRun(store, words.args[0]);
      const { runId, root } = run;
      const ended = await store.tasks({ runId, phases: ["ended"] });
      const tasks = ended.filter((task) => hasSucceeded(task) && (task.spec.verify ?? []).length > 0);
      // An empty set proves nothing.
      if (tasks.length === 0)
        throw new MaiError("run.task-not-found", `Run ${runId} has no successful task with checks`, {
          hint: "`mai status` lists its tasks.",
        });
      const { git, close } = createGit();
      const stop = new AbortController();
      const unlisten = io.onSignal(() => stop.abort());
      const outputFile = join(logFolder(root), safeFileName(runId), "verify.log");
      const common = { git, runCheck: createRunCheck(), root, outputFile, signal: stop.signal };
      const found: CheckedAgain[] = [];
      try {
        for (const task of tasks) {
          if (stop.signal.aborted) return exitCode.interrupted;
          const again = await checkAgain({ ...common, task, mark: `${runId}/verify` });
          await hideSecretsInFile(outputFile, [io.env, task.spec.env ?? {}].flatMap(secretValues));
          if (stop.signal.aborted) return exitCode.interrupted;
          found.push(again);
          tell(again, words.has("json"), io);
        }
      } finally {
        unlisten();
        close();
      }
      const holding = found.filter(({ holds }) => holds).length;
      if (!words.has("json"))
        io.stdout.write(
          `${holding} of ${plural(found.length, "task")} proved again; output in ${outputFile}\n`,
        );
      return holding === found.length ? exitCode.succeeded : exitCode.failed;
    });
  },
};

function tell(again: CheckedAgain, json: boolean, io: CommandIo): void {
  if (json) {
    io.stdout.write(`${JSON.stringify(again)}\n`);
    return;
  }
  const { taskId, holds, differences, tree } = again;
  io.stdout.write(`${holds ? "holds  " : "differs"}  ${taskId}  ${tree ?? "no tree"}\n`);
  for (const difference of differences) io.stdout.write(`           ${difference}\n`);
}
