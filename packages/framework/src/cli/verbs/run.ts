/** `mai run`: runs a plan. */
import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { FarmTask, TaskState } from "mai-orchestration-core";
import { newRunId } from "../../execution/run-id.ts";
import { defaultStorePath } from "../../execution/state-folder.ts";
import { isPostgresUrl } from "../../store/shared-store.ts";
import { exitCode, type Flag, jsonFlag, storeFlag, usageError, type Verb, type Words } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { dryRunText, dryTasks, mostAtOnce } from "../run/dry-run.ts";
import { type PlannedRun, planRun } from "../run/plan-of-run.ts";
import { refuseMissing } from "../run/refuse-missing.ts";
import { keyFlag, keyUsed, runIdOfKey, runIdOfSharedKey } from "../run/run-key.ts";
import {
  detachFlag,
  failFastFlag,
  maxCostFlag,
  maxCostOf,
  noWaitFlag,
  parallelFlag,
  parallelOf,
  requireVerifiedFlag,
  timeoutFlag,
  timeoutOf,
} from "../run/run-options.ts";
import { agentsFlag, sharesOf, tagsFlag, tagsOf } from "../run/shares.ts";
import { openStore, storePathOf } from "../store/find-store.ts";

const dryRunFlag: Flag = { name: "dry-run", summary: "show order, agents and waves; start nothing" };

/** @internal */
export const verb: Verb = {
  usage: "run PLAN",
  args: [1, 1],
  flags: [
    parallelFlag,
    failFastFlag,
    timeoutFlag,
    maxCostFlag,
    storeFlag,
    agentsFlag,
    tagsFlag,
    dryRunFlag,
    detachFlag,
    keyFlag,
    noWaitFlag,
    requireVerifiedFlag,
    jsonFlag,
  ],
  details: `PLAN is a YAML or JSON file; "-" reads it from stdin. Ctrl-C interrupts the run, \`mai resume\` continues it.
Exit codes: 0 all succeeded, 1 something failed or was blocked, 2 cancelled, 3 waits (--no-wait, --max-cost), 4 bad input,
130/143 interrupted. With a store in Postgres the tasks are done by workers (\`mai worker\`), and here only by agents that
--agents names. With --json: one event of the journal a line, each only after it is durable.`,
  examples: [
    ["mai run plan.yaml", "run it, and watch"],
    ["mai run plan.yaml --dry-run", "see what would happen"],
    ["mai run plan.yaml --parallel 8 --fail-fast", "eight at once, and stop at the first failure"],
    ["mai run plan.yaml --detach", "overnight; `mai attach` watches it"],
    ["mai run plan.yaml --store postgres://db/mai", "on several machines, by their workers"],
    ["mai run plan.yaml --key nightly-7", "once, however often this line is called"],
    ["mai run plan.yaml --json | jq .type", "for programs"],
  ],
  async run(words, io) {
    const parallel = parallelOf(words);
    const timeoutMs = timeoutOf(words);
    const maxCostUsd = maxCostOf(words, "run");
    const named = storePathOf(words, io);
    const shares = sharesOf(words, "run");
    if (words.has("dry-run") && words.has("require-verified"))
      throw usageError("--dry-run verifies nothing that --require-verified could ask for", "run");
    if (words.has("dry-run") && words.has("detach"))
      throw usageError("--dry-run starts nothing to --detach", "run");
    const planned = await planRun(words.args[0] ?? "", io);
    if (words.has("dry-run")) return dryRun(planned, parallel ?? planned.parallel, words, io);
    const store = named ?? planned.store ?? defaultStorePath(planned.root);
    const key = words.value("key");
    const runId = key === undefined ? undefined : runIdOf(key, store, planned, io);
    const known = runId === undefined ? null : await goOnIfKnown(runId, store, planned, words, io);
    if (known !== null) return known;
    if (words.has("detach")) {
      const { runDetached } = await import("../run/detach.ts");
      return runDetached(planned, store, words, io);
    }
    const { runPlan } = await import("../run/run-plan.ts");
    return runPlan(
      planned,
      {
        parallel: parallel ?? planned.parallel,
        timeoutMs: timeoutMs ?? planned.plan.timeoutMs,
        maxCostUsd: maxCostUsd ?? planned.plan.maxCostUsd,
        failFast: words.has("fail-fast") || planned.plan.failFast,
        store,
        runId,
        json: words.has("json"),
        noWait: words.has("no-wait"),
        requireVerified: words.has("require-verified"),
        agents: shares,
        tags: tagsOf(words),
      },
      io,
    );
  },
};

function runIdOf(key: string, storePath: string, { plan }: PlannedRun, io: CommandIo): string {
  if (isPostgresUrl(storePath)) return runIdOfSharedKey(key);
  return runIdOfKey({ key, storePath, tasks: plan.tasks, newId: () => newRunId(io.now()) });
}

/** A run that was started under its key before is gone on with, as `mai resume` does; `null` when it was not. */
async function goOnIfKnown(
  runId: string,
  storePath: string,
  { plan }: PlannedRun,
  words: Words,
  io: CommandIo,
): Promise<number | null> {
  const isElsewhere = isPostgresUrl(storePath);
  if (!isElsewhere && !existsSync(storePath)) return null;
  const store = await openStore(storePath, !isElsewhere);
  try {
    const run = await store.run(runId);
    if (run === undefined) return null;
    if (isElsewhere && !holds(await store.tasks({ runId }), plan.tasks))
      throw keyUsed(words.value("key") ?? "", runId);
    const { takeUp } = await import("../run/take-up.ts");
    return await takeUp(store, storePath, run, words, io);
  } finally {
    await store.close();
  }
}

/** Whether the tasks are those of the plan; a council may have added others. */
function holds(known: readonly TaskState[], wanted: readonly FarmTask[]): boolean {
  const specs = new Map(known.map(({ spec }) => [spec.taskId, spec]));
  return wanted.every((task) => isDeepStrictEqual(specs.get(task.taskId), JSON.parse(JSON.stringify(task))));
}

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
