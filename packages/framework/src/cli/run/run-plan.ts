/** Starts a checked plan in this process and watches it to its end. */
import type { Store } from "mai-orchestration-engine";
import { agentsFrom } from "../../agents/agents-from.ts";
import { startRun } from "../../execution/execution.ts";
import { openPlace } from "../../store/open-place.ts";
import { isPostgresUrl } from "../../store/shared-store.ts";
import type { CommandIo } from "../io.ts";
import { provenExit } from "../run-exit.ts";
import { storeWords } from "../store/store-words.ts";
import { presenterFor } from "../watch/presenter.ts";
import type { PlannedRun } from "./plan-of-run.ts";
import { refuseMissing, refuseRequirements } from "./refuse-missing.ts";
import { nameAgents, type Shares, settingsHere } from "./shares.ts";
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
  /** The store: its file, absolute, or its URL. */
  readonly store: string;
  /** `undefined` for a new one. */
  readonly runId: string | undefined;
  readonly json: boolean;
  readonly noWait: boolean;
  /** Whether a success that is not proven is none. */
  readonly requireVerified: boolean;
  /** Shares of agents that work here too, when the store is shared; `null`: none there, all elsewhere. */
  readonly agents: Shares | null;
  readonly tags: readonly string[];
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
  const path = options.store;
  const settings = settingsHere(planned.agents, path, options.agents);
  // A run that is only coordinated from here needs nothing that is here.
  if (settings.length > 0) refuseMissing(tasks, settings, root, io);
  if (!isPostgresUrl(path)) refuseRequirements(tasks, options.tags);
  warnOfUnknownCosts(tasks, settings, maxCostUsd, io);
  const agents = agentsFrom(settings);
  const store = await openPlace(path);
  try {
    const inStore = await storeWords(path, io);
    const resumeHint = (runId: string): string => `mai resume ${runId}${inStore}`;
    await nameAgents(store, planned.agents);
    const { guardAfterMs } = planned;
    const author = planned.author === null ? {} : { author: planned.author };
    const limits = { parallel, failFast, timeoutMs, maxCostUsd, guardAfterMs };
    const start = { store, agents, tags: options.tags, name, tasks, root, ...limits, resumeHint, ...author };
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
    return await provenExit(code, options.requireVerified, store, execution.runId);
  } finally {
    await store.close();
  }
}
