/** `mai run`: runs a plan. */
import { exitCode, type Flag, jsonFlag, storeFlag, usageError, type Verb, type Words } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { dryRunText, dryTasks, mostAtOnce } from "../run/dry-run.ts";
import { type PlannedRun, planRun } from "../run/plan-of-run.ts";
import { refuseMissing } from "../run/refuse-missing.ts";
import {
  failFastFlag,
  noWaitFlag,
  parallelFlag,
  parallelOf,
  timeoutFlag,
  timeoutOf,
} from "../run/run-options.ts";
import { storePathOf } from "../store/find-store.ts";

const dryRunFlag: Flag = { name: "dry-run", summary: "show order, agents and waves; start nothing" };
const detachFlag: Flag = { name: "detach", summary: "go on in the background; print the run's id" };

/** @internal */
export const verb: Verb = {
  usage: "run PLAN",
  args: [1, 1],
  flags: [parallelFlag, failFastFlag, timeoutFlag, storeFlag, dryRunFlag, detachFlag, noWaitFlag, jsonFlag],
  details: `PLAN is a YAML or JSON file; "-" reads it from stdin. Ctrl-C interrupts the run, \`mai resume\` continues it.
Exit codes: 0 all succeeded, 1 something failed or was blocked, 2 cancelled, 3 waits (--no-wait), 4 bad input,
130/143 interrupted. With --json: one event of the journal a line, each only after it is durable.`,
  examples: [
    ["mai run plan.yaml", "run it, and watch"],
    ["mai run plan.yaml --dry-run", "see what would happen"],
    ["mai run plan.yaml --parallel 8 --fail-fast", "eight at once, and stop at the first failure"],
    ["mai run plan.yaml --detach", "overnight; `mai attach` watches it"],
    ["mai run plan.yaml --json | jq .type", "for programs"],
  ],
  async run(words, io) {
    const parallel = parallelOf(words);
    const timeoutMs = timeoutOf(words);
    const store = storePathOf(words, io.cwd);
    if (words.has("dry-run") && words.has("detach"))
      throw usageError("--dry-run starts nothing to --detach", "run");
    const planned = await planRun(words.args[0] ?? "", io);
    if (words.has("dry-run")) return dryRun(planned, parallel ?? planned.parallel, words, io);
    if (words.has("detach")) {
      const { runDetached } = await import("../run/detach.ts");
      return runDetached(planned, words, io);
    }
    const { runPlan } = await import("../run/run-plan.ts");
    return runPlan(
      planned,
      {
        parallel: parallel ?? planned.parallel,
        timeoutMs: timeoutMs ?? planned.plan.timeoutMs,
        failFast: words.has("fail-fast") || planned.plan.failFast,
        store,
        json: words.has("json"),
        noWait: words.has("no-wait"),
      },
      io,
    );
  },
};

function dryRun(planned: PlannedRun, parallel: number | null, words: Words, io: CommandIo): number {
  if (words.has("json")) {
    const { plan, root } = planned;
    const atOnce = mostAtOnce(planned, parallel);
    io.stdout.write(
      `${JSON.stringify({ name: plan.name, root, parallel, atOnce, tasks: dryTasks(planned) })}\n`,
    );
  } else {
    io.stdout.write(dryRunText(planned, parallel, io));
  }
  // Said after what was asked for, which is true on a machine that has the program.
  refuseMissing(planned.plan.tasks, planned.agents, planned.root, io);
  return exitCode.succeeded;
}
