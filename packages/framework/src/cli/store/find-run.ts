/** Which run, or which task of it, a verb means. */
import { MaiError, nearest, type TaskState } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";

/** The run of this id, or of an id that starts so; without one the newest that has not ended, else the newest. @internal */
export async function findRun(store: Store, name: string | undefined): Promise<RunRecord> {
  const runs = await store.runs();
  if (name === undefined) {
    const run = runs.find((one) => one.finishedAt === null) ?? runs[0];
    if (run === undefined)
      throw new MaiError("run.not-found", `${store.name} has no runs yet`, {
        hint: "`mai run PLAN` makes one.",
      });
    return run;
  }
  return runNamed(runs, name) ?? failUnknown(store, runs, name);
}

/** @internal */
export function runNamed(runs: readonly RunRecord[], name: string): RunRecord | undefined {
  const exact = runs.find((run) => run.runId === name);
  if (exact !== undefined) return exact;
  const starting = name.length < 4 ? [] : runs.filter((run) => run.runId.startsWith(name));
  return starting.length === 1 ? starting[0] : undefined;
}

/** The run and the task of this id in it. @internal */
export async function findTask(
  store: Store,
  runName: string | undefined,
  taskId: string,
): Promise<{ readonly run: RunRecord; readonly task: TaskState }> {
  const run = await findRun(store, runName);
  const [task] = await store.tasks({ runId: run.runId, taskIds: [taskId] });
  if (task === undefined) throw await unknownTask(store, run, taskId);
  return { run, task };
}

/** @internal */
export async function unknownTask(store: Store, run: RunRecord, taskId: string): Promise<MaiError> {
  const ids = (await store.tasks({ runId: run.runId, limit: 1_000 })).map((task) => task.spec.taskId);
  const meant = nearest(taskId, ids);
  const question = meant === undefined ? "" : `; did you mean ${meant}?`;
  return new MaiError("run.task-not-found", `Run ${run.runId} has no task ${taskId}${question}`, {
    hint: "`mai status` lists its tasks; --run names another run.",
  });
}

function failUnknown(store: Store, runs: readonly RunRecord[], name: string): never {
  const meant = nearest(
    name,
    runs.map((run) => run.runId),
  );
  const question = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new MaiError("run.not-found", `${store.name} has no run ${name}${question}`, {
    hint: "`mai ps` lists its runs.",
  });
}
