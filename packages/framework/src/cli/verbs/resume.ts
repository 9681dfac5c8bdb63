/** `mai resume`: continues a run that was interrupted, or whose engine died. */
import { jsonFlag, storeFlag, type Verb } from "../command.ts";
import { detachFlag, maxCostFlag, noWaitFlag, requireVerifiedFlag } from "../run/run-options.ts";
import { agentsFlag, tagsFlag } from "../run/shares.ts";
import { takeUp } from "../run/take-up.ts";
import { findRun } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";

/** @internal */
export const verb: Verb = {
  usage: "resume [RUN]",
  args: [0, 1],
  flags: [
    maxCostFlag,
    detachFlag,
    noWaitFlag,
    requireVerifiedFlag,
    agentsFlag,
    tagsFlag,
    jsonFlag,
    storeFlag,
  ],
  details: `Says first what is reused and what will run. Tasks that ended are not run again. What had answered repeats only its
checks; what still runs is gone on with, and what left a complete answer is settled from it; the rest starts its next
attempt, in the session of the one before where the agent can. Without a name: the newest run that has not ended. When
every run has ended it says so and exits as the newest one did. A run that another process drives is only watched; one
in Postgres may be coordinated from any machine.`,
  examples: [
    ["mai resume", "go on where Ctrl-C, a crash or a reboot stopped it"],
    ["mai resume --max-cost 20", "the same, with another ceiling for all that the run may cost"],
    ["mai resume --detach", "the same in the background"],
    ["mai resume --json", "the same for programs; begins with run.resumed"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store, path) =>
      takeUp(store, path, await findRun(store, words.args[0]), words, io),
    );
  },
};
