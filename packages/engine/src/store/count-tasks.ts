import type { TaskPhase, TaskState, Verdict } from "mai-orchestration-core";
import type { RunCounts } from "../ports/store.ts";

/** Counts tasks by where they stand. */
export function countTasks(tasks: readonly TaskState[]): RunCounts {
  const phases: Partial<Record<TaskPhase, number>> = {};
  const verdicts: Partial<Record<Verdict, number>> = {};
  let nextWakeAt: number | null = null;
  for (const { phase, end, notBefore } of tasks) {
    phases[phase] = (phases[phase] ?? 0) + 1;
    if (end !== null) verdicts[end.verdict] = (verdicts[end.verdict] ?? 0) + 1;
    else if (notBefore !== null) nextWakeAt = Math.min(nextWakeAt ?? notBefore, notBefore);
  }
  return { total: tasks.length, phases, verdicts, nextWakeAt };
}
