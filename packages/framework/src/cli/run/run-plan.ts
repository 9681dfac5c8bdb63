/** Starts a checked plan in this process and watches it to its end. */
import type { Store } from "mai-orchestration-engine";
import { systemClock } from "mai-orchestration-engine/store";
import { agentsFrom } from "../../agents/agents-from.ts";
import { startRun } from "../../execution/execution.ts";
import { openStore } from "../../execution/state-folder.ts";
import type { CommandIo } from "../io.ts";
import { storeWords } from "../store/store-words.ts";
import { presenterFor } from "../watch/presenter.ts";
import type { PlannedRun } from "./plan-of-run.ts";
import { refuseMissing } from "./refuse-missing.ts";
import { tellStarter } from "./tell-starter.ts";
import { warnOfUnknownCosts } from "./unknown-costs.ts";
import { watchExecution } from "./watch-execution.ts";

/** @internal */
export interface RunPlanOptions {
  readonly parallel: number | null;
  readonly timeoutMs: number | null;
  /** US dollars for the whole run; `null` for no ceiling. */
  readonly maxCostUsd: number | null;
  readonly failFast: boolean;
  /** Of the store, absolute. */
  readonly store: string;
  /** `undefined` for a new one. */
  readonly runId: string | undefined;
  readonly json: boolean;
  readonly noWait: boolean;
}

/**
 * @param after - what is done once the run has ended or was interrupted, while its store is open
 * @internal
 */
export async function runPlan(
  planned: PlannedRun,
  options: RunPlanOptions,
  io: CommandIo,
  after: (store: Store, runId: string) => Promise<void> = async () => undefined,
): Promise<number> {
  const { plan, root } = planned;
  const { parallel, timeoutMs, maxCostUsd, failFast, json, noWait } = options;
  const { name, tasks } = plan;
  refuseMissing(tasks, planned.agents, root, io);
  warnOfUnknownCosts(tasks, planned.agents, maxCostUsd, io);
  const agents = agentsFrom(planned.agents);
  const path = options.store;
  const store = openStore(path, systemClock);
  try {
    const inStore = await storeWords(path, io);
    const resumeHint = (runId: string): string => `mai resume ${runId}${inStore}`;
    const { guardAfterMs } = planned;
    const author = planned.author === null ? {} : { author: planned.author };
    const limits = { parallel, failFast, timeoutMs, maxCostUsd, guardAfterMs };
    const start = { store, agents, name, tasks, root, ...limits, resumeHint, ...author };
    const execution = await startRun(
      options.runId === undefined ? start : { ...start, runId: options.runId },
    );
    tellStarter(execution.runId, io);
    const presenter = presenterFor(execution.runId, io, { json, inStore });
    const code = await watchExecution(execution, store, presenter, io, {
      json,
      noWait,
      afterSeq: 0,
      inStore,
    });
    await after(store, execution.runId);
    return code;
  } finally {
    await store.close();
  }
}
