/** `mai retry`: tries again what ended without success. */
import { hasSucceeded, MaiError, type TaskState } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { jsonFlag, runFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { noWaitFlag } from "../run/run-options.ts";
import { agentsFlag, sharesOf, tagsFlag, tagsOf } from "../run/shares.ts";
import { exitCodeOfResults } from "../run-exit.ts";
import { finalResults } from "../store/final-results.ts";
import { withStore } from "../store/find-store.ts";
import { findTarget } from "../store/find-target.ts";
import { storeWords } from "../store/store-words.ts";

const reason = "tried again by mai retry";

/** @internal */
export const verb: Verb = {
  usage: "retry [TASK|RUN]",
  args: [0, 1],
  flags: [runFlag, noWaitFlag, agentsFlag, tagsFlag, jsonFlag, storeFlag],
  details: `Opens a task that failed, was blocked or cancelled again, with fresh budgets and attempts numbered on, and with it what
it blocked; then drives the run on as \`mai resume\` does. Without a task: all that did not succeed in the newest run
that has not ended, else in the newest. A run of which only a check at its end has failed repeats those checks. Retrying
twice changes nothing more.`,
  examples: [
    ["mai retry types", "the task `types`, and what it blocked"],
    ["mai retry", "all that did not succeed"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store, path) => {
      const { run, taskIds } = await findTarget(store, words.args[0], words.value("run"));
      const { runId } = run;
      const known = await store.tasks(taskIds === undefined ? { runId } : { runId, taskIds });
      if (taskIds !== undefined) refuseSuccess(known, run);
      const isOpen = known.some((task) => task.end === null);
      const reopens = known.some((task) => task.end !== null && !hasSucceeded(task));
      const repeats = taskIds === undefined && run.verdict === "failed";
      if (!isOpen && !reopens && !repeats) return sayNothing(store, run, words.has("json"), io);

      const { goOn } = await import("../run/resume-run.ts");
      const chosen = new Set(known.map((task) => task.spec.taskId));
      return goOn(store, run, io, {
        json: words.has("json"),
        noWait: words.has("no-wait"),
        shares: sharesOf(words, "retry"),
        tags: tagsOf(words),
        inStore: await storeWords(path, io),
        repeats,
        wanted: (task) => task.phase !== "ended" || (chosen.has(task.spec.taskId) && !hasSucceeded(task)),
        before: async () => {
          await store.reopen(runId, reason, taskIds);
        },
      });
    });
  },
};

function refuseSuccess(tasks: readonly TaskState[], run: RunRecord): void {
  const done = tasks.find(hasSucceeded);
  if (done === undefined) return;
  const { taskId } = done.spec;
  throw new MaiError(
    "task.succeeded",
    `Task ${taskId} of ${run.runId} has succeeded (${done.end?.verdict})`,
    {
      hint: "Only what did not succeed is tried again; a new run does all of a plan.",
    },
  );
}

async function sayNothing(store: Store, run: RunRecord, json: boolean, io: CommandIo): Promise<number> {
  const code = exitCodeOfResults(await finalResults(store, run));
  if (json) io.stdout.write(`${JSON.stringify({ runId: run.runId, reopened: [], exitCode: code })}\n`);
  else io.stdout.write(`Nothing to retry: every task of ${run.runId} has succeeded.\n`);
  return code;
}
