/** What the end of a run said of its tasks, which may be worse than what each said of itself. */
import { type RunResult, runResultOf, type TaskState } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";

/**
 * The results in the newest `run.finished`; of a run that has not ended, what
 * its tasks say so far. The checks that a run repeats at its end stand only there.
 *
 * @internal
 */
export async function finalResults(store: Store, run: RunRecord): Promise<readonly RunResult[]> {
  const found = run.finishedAt === null ? undefined : await lastFinish(store, run);
  return found ?? (await store.tasks({ runId: run.runId })).map(runResultOf);
}

/** Tasks as the end of their run left them: those whose repeated check failed are failed. @internal */
export async function judgedTasks(
  store: Store,
  run: RunRecord,
  tasks: readonly TaskState[],
): Promise<readonly TaskState[]> {
  // Looked up only where a verdict can have been lost: the journal is long.
  const isDoubtful = run.finishedAt !== null && run.verdict === "failed" && tasks.some(couldBeRepeated);
  if (!isDoubtful) return tasks;
  const results = new Map((await finalResults(store, run)).map((result) => [result.taskId, result]));
  return tasks.map((task) => {
    const result = results.get(task.spec.taskId);
    if (task.end === null || result === undefined || result.verdict === task.end.verdict) return task;
    return { ...task, end: { ...task.end, verdict: result.verdict, reason: result.reason ?? null } };
  });
}

function couldBeRepeated(task: TaskState): boolean {
  return task.end?.verdict === "verified";
}

async function lastFinish(store: Store, run: RunRecord): Promise<readonly RunResult[] | undefined> {
  const { readJournal } = await import("../watch/follow-journal.ts");
  let results: readonly RunResult[] | undefined;
  await readJournal(store, run, (entries) => {
    for (const entry of entries) if (entry.type === "run.finished") results = entry.results;
  });
  return results;
}
