/** Goes on with a run in this process, or watches the process that does. */
import { existsSync } from "node:fs";
import { MaiError, type TaskState } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { agentsFrom } from "../../agents/agents-from.ts";
import { loadConfig } from "../../config/load-config.ts";
import { resumeRun } from "../../execution/execution.ts";
import { isShared } from "../../store/shared-store.ts";
import type { CommandIo } from "../io.ts";
import { readJournal } from "../watch/follow-journal.ts";
import { presenterFor } from "../watch/presenter.ts";
import { driverOf } from "./driver-of.ts";
import { refuseMissing, refuseRequirements } from "./refuse-missing.ts";
import { type Shares, settingsHere } from "./shares.ts";
import { tellStarter } from "./tell-starter.ts";
import { warnOfUnknownCosts } from "./unknown-costs.ts";
import { watchExecution } from "./watch-execution.ts";
import { watchRun } from "./watch-run.ts";

/** @internal */
export interface ResumeOptions {
  readonly json: boolean;
  readonly noWait: boolean;
  /** What command lines that are printed need to mean this store: `storeWords`. */
  readonly inStore: string;
  /** Shares of the agents that work here; `null`: all that are configured, or with a shared store none. */
  readonly shares: Shares | null;
  /** What this machine has. */
  readonly tags: readonly string[];
  /** The tasks that will be open; those that are by now, when absent. */
  readonly wanted?: (task: TaskState) => boolean;
  /** Done before the run is gone on with, once nothing stands in its way; what it journals is shown. */
  readonly before?: () => Promise<void>;
  /** A new ceiling for all that the run may cost, in US dollars. */
  readonly maxCostUsd?: number;
  /** Whether a run of which all has ended repeats the checks of its end. */
  readonly repeats?: boolean;
}

/** Resolves the exit code. Rejects before anything is changed when the run cannot go on here. */
export async function goOn(
  store: Store,
  run: RunRecord,
  io: CommandIo,
  options: ResumeOptions,
): Promise<number> {
  const { inStore, before, shares, tags, wanted = (task: TaskState) => task.phase !== "ended" } = options;
  const isHere = existsSync(run.root);
  if (!isHere && (shares !== null || !isShared(store))) {
    throw new MaiError("run.not-found", `The folder of ${run.runId}, ${run.root}, is not there any more`, {
      hint: `Put it back, or end the run: mai cancel ${run.runId}${inStore}`,
    });
  }
  // Any number of processes may coordinate a run in a shared store: it is the workers that do it.
  const driver = isShared(store) ? null : await driverOf(store, run.runId);
  if (driver?.state === "alive") {
    if (options.maxCostUsd !== undefined) throw stillDriven(run.runId, driver.pid);
    await before?.();
    tellStarter(run.runId, io);
    io.stderr.write(`mai: process ${driver.pid} drives ${run.runId} already; watching it\n`);
    return watchRun(store, run, io, options);
  }
  const config = await loadConfig(isHere ? run.root : io.cwd, io.cwd);
  const { guardAfterMs, author } = config;
  const agents = settingsHere(config.agents, store, shares);
  const specs = (await store.tasks({ runId: run.runId })).filter(wanted).map((task) => task.spec);
  if (agents.length > 0) refuseMissing(specs, agents, run.root, io);
  if (!isShared(store)) refuseRequirements(specs, tags);
  warnOfUnknownCosts(specs, agents, options.maxCostUsd ?? run.maxCostUsd ?? null, io);
  const earlier = presenterFor(run.runId, io, options);
  try {
    let afterSeq = 0;
    await readJournal(store, run, (entries) => {
      earlier.recall(entries);
      afterSeq = entries.at(-1)?.seq ?? afterSeq;
    });
    await before?.();
    const execution = await resumeRun({
      store,
      agents: agentsFrom(agents),
      tags,
      runId: run.runId,
      guardAfterMs,
      repeats: options.repeats === true,
      ...(options.maxCostUsd === undefined ? {} : { maxCostUsd: options.maxCostUsd }),
      resumeHint: (runId) => `mai resume ${runId}${inStore}`,
      ...(author === null ? {} : { author }),
    });
    tellStarter(run.runId, io);
    return await watchExecution(execution, store, earlier, io, { ...options, afterSeq });
  } catch (error) {
    earlier.close(false);
    throw error;
  }
}

/** Its ceiling is changed by whoever goes on with it, in the entry that says so. */
function stillDriven(runId: string, pid: number): MaiError {
  return new MaiError(
    "run.stopped",
    `Process ${pid} drives ${runId}: its ceiling can be changed once that has stopped`,
    {
      hint: `Stop it (Ctrl-C there, or kill -INT ${pid}), then resume with --max-cost.`,
    },
  );
}
