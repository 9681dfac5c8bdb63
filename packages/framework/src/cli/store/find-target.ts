/** What a name on the command line means: a run, or else a task. */
import type { RunRecord, Store } from "mai-orchestration-engine";
import { findRun, runNamed, unknownTask } from "./find-run.ts";

/** @internal */
export interface Target {
  readonly run: RunRecord;
  /** Absent: all of the run. */
  readonly taskIds?: readonly string[];
}

/** Rejects when there is neither a run nor a task of that name. @internal */
export async function findTarget(
  store: Store,
  name: string | undefined,
  runName: string | undefined,
): Promise<Target> {
  const named = name === undefined || runName !== undefined ? undefined : runNamed(await store.runs(), name);
  if (named !== undefined) return { run: named };
  const run = await findRun(store, runName);
  if (name === undefined) return { run };
  const known = await store.tasks({ runId: run.runId, taskIds: [name] });
  if (known.length === 0) throw await unknownTask(store, run, name);
  return { run, taskIds: [name] };
}
