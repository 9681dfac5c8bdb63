/** `mai resume`: continues a run that was interrupted, or whose engine died. */

import { existsSync } from "node:fs";
import { MaiError } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { jsonFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { noWaitFlag } from "../run/run-options.ts";
import { exitCodeOfResults } from "../run-exit.ts";
import { finalResults } from "../store/final-results.ts";
import { findRun } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";
import { storeWords } from "../store/store-words.ts";
import { readJournal } from "../watch/follow-journal.ts";
import { presenterFor } from "../watch/presenter.ts";
import { stateOf } from "./ps.ts";

/** @internal */
export const verb: Verb = {
  usage: "resume [RUN]",
  args: [0, 1],
  flags: [noWaitFlag, jsonFlag, storeFlag],
  details: `Tasks that ended are not run again; those that ran start their next attempt. Without a name: the newest run
that has not ended. When every run has ended it says so and exits as the newest one did. A run that another process
drives is only watched.`,
  examples: [
    ["mai resume", "go on where Ctrl-C, a crash or a reboot stopped it"],
    ["mai resume --json", "the same for programs; begins with run.resumed"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store, path) => {
      const run = await findRun(store, words.args[0]);
      if (run.finishedAt !== null) return sayEnded(store, run, words.has("json"), io);
      const inStore = await storeWords(path, io);
      if (!existsSync(run.root)) {
        throw new MaiError(
          "run.not-found",
          `The folder of ${run.runId}, ${run.root}, is not there any more`,
          {
            hint: `Put it back, or end the run: mai cancel ${run.runId}${inStore}`,
          },
        );
      }
      const { driverOf } = await import("../run/driver-of.ts");
      const driver = await driverOf(store, run.runId);
      if (driver.state === "alive") {
        io.stderr.write(`mai: process ${driver.pid} drives ${run.runId} already; watching it\n`);
        const { watchRun } = await import("../run/watch-run.ts");
        return watchRun(store, run, io, { json: words.has("json"), inStore });
      }
      return resume(store, run, io, { json: words.has("json"), noWait: words.has("no-wait"), inStore });
    });
  },
};

async function resume(
  store: Store,
  run: RunRecord,
  io: CommandIo,
  options: { readonly json: boolean; readonly noWait: boolean; readonly inStore: string },
): Promise<number> {
  const { agentsFrom } = await import("../../agents/agents-from.ts");
  const { resumeRun } = await import("../../execution/execution.ts");
  const { refuseMissing } = await import("../run/refuse-missing.ts");
  const { loadConfig } = await import("../../config/load-config.ts");
  const { watchExecution } = await import("../run/watch-execution.ts");
  const { agents, author } = await loadConfig(run.root, io.cwd);
  const open = (await store.tasks({ runId: run.runId })).filter((task) => task.phase !== "ended");
  refuseMissing(
    open.map((task) => task.spec),
    agents,
    run.root,
    io,
  );
  const earlier = presenterFor(run.runId, io, options);
  try {
    let afterSeq = 0;
    await readJournal(store, run, (entries) => {
      earlier.recall(entries);
      afterSeq = entries.at(-1)?.seq ?? afterSeq;
    });
    const execution = await resumeRun({
      store,
      agents: agentsFrom(agents),
      runId: run.runId,
      resumeHint: (runId) => `mai resume ${runId}${options.inStore}`,
      ...(author === null ? {} : { author }),
    });
    return await watchExecution(execution, store, earlier, io, { ...options, afterSeq });
  } catch (error) {
    earlier.close(false);
    throw error;
  }
}

async function sayEnded(store: Store, run: RunRecord, json: boolean, io: CommandIo): Promise<number> {
  const code = exitCodeOfResults(await finalResults(store, run));
  const state = stateOf(run);
  if (json) io.stdout.write(`${JSON.stringify({ runId: run.runId, state, exitCode: code })}\n`);
  else io.stdout.write(`Nothing to resume: ${run.runId} has ended (${state}). \`mai status\` shows it.\n`);
  return code;
}
