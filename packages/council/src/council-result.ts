import type { FarmTask, TaskState } from "mai-orchestration-core";
import { grow } from "./growth/grow.ts";
import { belongsTo } from "./growth/ids.ts";
import type { CouncilResult } from "./result.ts";

/**
 * What a council of a run came to, from the tasks of the run; `null` while it goes on, or when it was ended before it
 * decided.
 *
 * @param council - the task that has the `council`
 * @public
 */
export function councilResultOf(
  council: FarmTask,
  runId: string,
  tasks: readonly TaskState[],
): CouncilResult | null {
  const own = tasks.filter(({ spec }) => belongsTo(council.taskId, spec.taskId));
  const states = new Map(own.map((task) => [task.spec.taskId, task]));
  return grow(council, runId, states, () => false).result;
}
