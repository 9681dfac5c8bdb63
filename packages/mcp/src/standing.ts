/** Where a run stands, in one object. */
import { MaiError } from "mai-orchestration-core/errors";
import type { RunCounts, RunRecord, Store } from "mai-orchestration-engine";
import { type Driver, driverOf, stateOf } from "mai-orchestration-framework/cli";
import { z } from "zod";

/** Running attempts that are named. */
const mostNamed = 50;

/** @internal */
export const standingShape: z.ZodRawShape = {
  runId: z.string(),
  name: z.string().nullable(),
  state: z
    .string()
    .describe("open, interrupted, or how it ended: verified, unverified, failed, blocked, cancelled"),
  driver: z
    .enum(["alive", "dead", "unseen"])
    .nullable()
    .describe("The process that drives it; null when it has ended. dead or unseen: `resume` continues it"),
  pid: z.number().nullable().describe("Of that process, while it is alive"),
  total: z.number(),
  ended: z.number(),
  phases: z.record(z.string(), z.number()).describe("Tasks by phase"),
  verdicts: z.record(z.string(), z.number()).describe("Ended tasks by verdict"),
  asking: z
    .array(z.object({ taskId: z.string(), attempt: z.number() }))
    .describe("Tasks that wait for a person's yes; attempt 0: before they start"),
  running: z.array(
    z.object({
      taskId: z.string(),
      agentId: z.string().nullable(),
      attempt: z.number(),
      progress: z.number().nullable(),
    }),
  ),
};

/** @internal */
export interface Standing {
  readonly runId: string;
  readonly name: string | null;
  readonly state: string;
  readonly driver: Driver["state"] | null;
  readonly pid: number | null;
  readonly total: number;
  readonly ended: number;
  readonly phases: RunCounts["phases"];
  readonly verdicts: RunCounts["verdicts"];
  readonly asking: readonly { readonly taskId: string; readonly attempt: number }[];
  readonly running: readonly {
    readonly taskId: string;
    readonly agentId: string | null;
    readonly attempt: number;
    /** Percent. */
    readonly progress: number | null;
  }[];
}

/** Reads counts and running attempts, never all tasks. @internal */
export async function standingOf(store: Store, { runId }: Pick<RunRecord, "runId">): Promise<Standing> {
  const run = await store.run(runId);
  if (run === undefined)
    throw new MaiError("run.not-found", `There is no run ${runId} any more`, {
      hint: "`mai ps` lists the runs.",
    });
  const [counts, held, asking] = await Promise.all([
    store.counts(runId),
    store.held(runId),
    store.tasks({ runId, phases: ["approval-wait"], limit: mostNamed }),
  ]);
  const driver = run.finishedAt === null ? await driverOf(store, runId) : null;
  return {
    runId,
    name: run.name,
    state: stateOf(run),
    driver: driver?.state ?? null,
    pid: driver?.state === "alive" ? driver.pid : null,
    total: counts.total,
    ended: counts.phases.ended ?? 0,
    phases: counts.phases,
    verdicts: counts.verdicts,
    asking: asking.map(({ spec, attempt }) => ({ taskId: spec.taskId, attempt })),
    running: held.slice(0, mostNamed).map(({ claim: { taskId, attempt, task } }) => ({
      ...{ taskId, attempt },
      agentId: task.agentId,
      progress: task.progress,
    })),
  };
}
