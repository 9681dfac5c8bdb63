/** What a worker does with its life: opens the runs of the world, drives each to its end, and says how it ended. */
import { messageOf, overallVerdict, runResultOf } from "mai-orchestration-core";
import type { DriveEnd, DriveHandle, DriveOptions, Engine, NewRun, Store } from "mai-orchestration-engine";
import type { SimProcess } from "./sim-process.ts";
import type { SimRun, SimWorker } from "./world.ts";

export interface Worker {
  readonly process: SimProcess;
  readonly settings: SimWorker;
  readonly store: Store;
  readonly engine: Engine;
  /** Whether it adds the tasks of the runs, until that was acknowledged. */
  readonly submits: boolean;
}

/** Resolves when there is nothing left to do, or nothing more that this worker can. */
export async function lead(worker: Worker, runs: readonly SimRun[]): Promise<void> {
  await Promise.allSettled(runs.map((run) => leadRun(worker, run)));
}

async function leadRun(worker: Worker, run: SimRun): Promise<void> {
  const { store, process, settings } = worker;
  const { runId } = run;
  if (worker.submits) await submit(process, store, run, run.tasks);
  else while ((await store.run(runId)) === undefined) await sleep(process, 1_000);

  const record = await store.run(runId);
  const { total, phases } = await store.counts(runId);
  const reused = phases.ended ?? 0;
  if (record?.finishedAt != null && reused === total) return;
  if (reused > 0 || record?.finishedAt != null)
    await store.note(runId, { type: "run.resumed", reused, open: total - reused });

  const wanted = withDependencies(run, settings.first ?? []);
  const ends: string[] = [];
  if (wanted.length > 0) ends.push(await driveThrough(worker, run, wanted));
  if (!ends.includes("interrupted")) ends.push(await driveThrough(worker, run, null));
  if (ends.includes("interrupted")) {
    await store.note(runId, { type: "run.interrupted", reason: "Ctrl-C", resume: "resume" });
    return;
  }
  const results = (await store.tasks({ runId })).map(runResultOf);
  await store.note(runId, { type: "run.finished", verdict: overallVerdict(results), results });
}

/** Those of the tasks that the run has, and all that they depend on: a drive of less would wait for ever. */
function withDependencies(run: SimRun, taskIds: readonly string[]): string[] {
  const tasks = new Map(run.tasks.map((task) => [task.taskId, task]));
  const wanted = new Set<string>();
  const add = (taskId: string): void => {
    const task = tasks.get(taskId);
    if (task === undefined || wanted.has(taskId)) return;
    wanted.add(taskId);
    for (const id of task.dependsOn ?? []) add(id);
  };
  for (const taskId of taskIds) add(taskId);
  return [...wanted];
}

/** Adds tasks to a run; once it resolves they must survive anything. */
export async function submit(
  process: SimProcess,
  store: Store,
  run: SimRun,
  tasks: SimRun["tasks"],
): Promise<void> {
  const { runId, parallel, failFast, timeoutMs, maxCostUsd } = run;
  const newRun: NewRun = {
    runId,
    name: null,
    root: "/sim",
    parallel,
    failFast,
    timeoutMs,
    sharedChecks: false,
    ...(maxCostUsd === null ? {} : { maxCostUsd }),
  };
  await store.submit(newRun, tasks);
  if (!process.isAlive) return;
  process.machine.tell({ type: "submit.acknowledged", runId, taskIds: tasks.map((task) => task.taskId) });
}

/** Raises the ceiling as often as it is reached. */
async function driveThrough(
  worker: Worker,
  run: SimRun,
  only: readonly string[] | null,
): Promise<"ended" | "interrupted"> {
  for (;;) {
    const { end, exhausted } = await drive(worker, run, only);
    if (end !== "exhausted") return end;
    const { maxCostUsd = 0, spentUsd = 0, largestUsd = 0 } = exhausted ?? {};
    const { total, phases } = await worker.store.counts(run.runId);
    const reused = phases.ended ?? 0;
    const ceiling = Math.max(maxCostUsd, spentUsd + largestUsd) + 1;
    await worker.store.note(run.runId, {
      type: "run.resumed",
      reused,
      open: total - reused,
      maxCostUsd: ceiling,
    });
  }
}

async function drive(
  { process, settings, engine }: Worker,
  run: SimRun,
  only: readonly string[] | null,
): Promise<Pick<DriveHandle, "exhausted"> & { readonly end: DriveEnd }> {
  const { machine, workerId } = process;
  const { runId, failFast, timeoutMs } = run;
  const told = { worker: workerId, runId, only };
  machine.tell({ type: "drive.started", ...told, timeoutMs });
  const options: DriveOptions = {
    runId,
    root: "/sim",
    failFast,
    ...(timeoutMs === null ? {} : { timeoutMs }),
    ...(only === null ? {} : { only }),
    ...(settings.parallel === null ? {} : { parallel: settings.parallel }),
  };
  try {
    const handle = engine.drive(options);
    const end = await handle.done;
    machine.tell({ type: "drive.over", ...told, end, reason: "" });
    return { end, exhausted: handle.exhausted };
  } catch (error) {
    machine.tell({ type: "drive.over", ...told, end: "rejected", reason: messageOf(error) });
    throw error;
  }
}

function sleep({ clock }: SimProcess, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.timer(ms, resolve);
  });
}
