/** TEMPORARY seam: replaced by main's. */
import { availableParallelism } from "node:os";
import { backendAgent, claudeCode, commandBackend, createCustody, createRunCheck } from "mai-orchestration-agents";
import { overallVerdict, type Plan, type RunResult, runResultOf, type Verdict } from "mai-orchestration-core";
import { type Agent, Engine, fixedRoster, type RunRecord, type Store, systemClock } from "mai-orchestration-engine";
import type { AgentSetting } from "../config/agent-setting.ts";
import { newRunId } from "./run-id.ts";
import { workplaceOnDisk } from "./workplace.ts";

export type RunEnd =
  | { readonly type: "finished"; readonly verdict: Verdict; readonly results: readonly RunResult[] }
  | { readonly type: "interrupted" };

export interface Execution {
  readonly runId: string;
  readonly finished: Promise<RunEnd>;
  interrupt(reason: string): Promise<void>;
}

export function agentsFrom(settings: readonly AgentSetting[]): readonly Agent[] {
  return settings.map((s) =>
    backendAgent({
      id: s.agentId,
      capabilities: s.capabilities,
      maxConcurrent: s.maxConcurrent,
      ...(s.commands ? { command: commandBackend({}) } : {}),
      ...(s.prose ? { prose: claudeCode({ profile: s.profile }) } : {}),
    }),
  );
}

interface Input {
  readonly store: Store;
  readonly agents: readonly Agent[];
}

export async function startRun(
  input: Input & { plan: Plan; root: string; parallel: number | null; failFast: boolean; timeoutMs: number | null },
): Promise<Execution> {
  const { plan, root, parallel, failFast, timeoutMs } = input;
  const runId = newRunId(systemClock.now());
  const run = { runId, name: plan.name, root, parallel, failFast, timeoutMs, sharedChecks: true };
  await input.store.submit(run, plan.tasks);
  return drive(input, run);
}

export async function resumeRun(input: Input & { runId: string }): Promise<Execution> {
  const run = await input.store.run(input.runId);
  if (run === undefined) throw new Error("no run");
  const counts = await input.store.counts(input.runId);
  const reused = counts.phases.ended ?? 0;
  await input.store.note(input.runId, { type: "run.resumed", reused, open: counts.total - reused });
  return drive(input, run);
}

function drive(input: Input, run: Pick<RunRecord, "runId" | "root" | "parallel" | "failFast" | "timeoutMs">): Execution {
  const { store, agents } = input;
  const { runId, root, parallel, failFast, timeoutMs } = run;
  const engine = new Engine({
    store,
    clock: systemClock,
    roster: fixedRoster(agents),
    custody: createCustody(),
    workplace: workplaceOnDisk(),
    runCheck: createRunCheck(),
    checkSlots: availableParallelism(),
  });
  let reason = "";
  const { done } = engine.drive({ runId, root, failFast, ...(parallel === null ? {} : { parallel }), ...(timeoutMs === null ? {} : { timeoutMs }) });
  const finished = done.then(async (end): Promise<RunEnd> => {
    if (end === "interrupted") {
      await store.note(runId, { type: "run.interrupted", reason, resume: `mai resume ${runId}` });
      return { type: "interrupted" };
    }
    const results = (await store.tasks({ runId })).map(runResultOf);
    const verdict = overallVerdict(results);
    await store.note(runId, { type: "run.finished", verdict, results });
    return { type: "finished", verdict, results };
  });
  return {
    runId,
    finished,
    interrupt: async (why) => {
      reason = why;
      await engine.interrupt(why);
    },
  };
}
