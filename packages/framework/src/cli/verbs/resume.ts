/** `mai resume`: continues a run that was interrupted, or whose engine died. */
import type { RunRecord, Store } from "mai-orchestration-engine";
import { jsonFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { noWaitFlag } from "../run/run-options.ts";
import { exitCodeOfResults } from "../run-exit.ts";
import { finalResults } from "../store/final-results.ts";
import { findRun } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";
import { storeWords } from "../store/store-words.ts";
import { stateOf } from "./ps.ts";

/** @internal */
export const verb: Verb = {
  usage: "resume [RUN]",
  args: [0, 1],
  flags: [noWaitFlag, jsonFlag, storeFlag],
  details: `Says first what is reused and what will run. Tasks that ended are not run again. What had answered repeats only its
checks; what still runs is gone on with, and what left a complete answer is settled from it; the rest starts its next
attempt, in the session of the one before where the agent can. Without a name: the newest run that has not ended. When
every run has ended it says so and exits as the newest one did. A run that another process drives is only watched.`,
  examples: [
    ["mai resume", "go on where Ctrl-C, a crash or a reboot stopped it"],
    ["mai resume --json", "the same for programs; begins with run.resumed"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store, path) => {
      const run = await findRun(store, words.args[0]);
      if (run.finishedAt !== null) return sayEnded(store, run, words.has("json"), io);
      const inStore = await storeWords(path, io);
      const { goOn } = await import("../run/resume-run.ts");
      return goOn(store, run, io, { json: words.has("json"), noWait: words.has("no-wait"), inStore });
    });
  },
};

async function sayEnded(store: Store, run: RunRecord, json: boolean, io: CommandIo): Promise<number> {
  const code = exitCodeOfResults(await finalResults(store, run));
  const state = stateOf(run);
  if (json) io.stdout.write(`${JSON.stringify({ runId: run.runId, state, exitCode: code })}\n`);
  else io.stdout.write(`Nothing to resume: ${run.runId} has ended (${state}). \`mai status\` shows it.\n`);
  return code;
}
