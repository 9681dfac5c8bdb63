/** `mai attach`: watches a run that another process drives. */
import { exitCode, jsonFlag, storeFlag, type Verb } from "../command.ts";
import { findRun } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";
import { storeWords } from "../store/store-words.ts";
import { stateOf } from "./ps.ts";

/** @internal */
export const verb: Verb = {
  usage: "attach [RUN]",
  args: [0, 1],
  flags: [jsonFlag, storeFlag],
  details: `Without a name: the newest run that has not ended. Ctrl-C ends the watching, not the run. Exits as the run does.`,
  examples: [
    ["mai attach", "watch what was started with --detach, or in another window"],
    ["mai attach --json", "the run's events from its first, until it ends"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store, path) => {
      const run = await findRun(store, words.args[0]);
      if (run.finishedAt !== null && words.args[0] === undefined) {
        io.stderr.write(`mai: no run is open; the newest, ${run.runId}, has ended (${stateOf(run)})\n`);
        return exitCode.succeeded;
      }
      const { watchRun } = await import("../run/watch-run.ts");
      return watchRun(store, run, io, {
        json: words.has("json"),
        inStore: await storeWords(path, io),
      });
    });
  },
};
