import type { FarmTask, FarmTaskOptions, TaskType } from "../task.ts";
import { randomSuffix, wallClock } from "./ambient.ts";

/**
 * Builds a task with an id of its own. Lists that are not given are empty,
 * other optional fields stay absent; given lists are copied, so that a caller
 * who goes on changing them does not change the task.
 *
 * @example
 * const task = createFarmTask("test", "Run the unit tests", "All pass", { command: "npm test" });
 *
 * @public
 */
export function createFarmTask(
  type: TaskType,
  description: string,
  successCriteria: string,
  options: FarmTaskOptions = {},
): FarmTask {
  const task: FarmTask = {
    ...options,
    taskId: `task-${wallClock().getTime().toString(36)}-${randomSuffix()}`,
    type,
    description,
    context: [...(options.context ?? [])],
    constraints: [...(options.constraints ?? [])],
    successCriteria,
  };
  if (options.dependsOn !== undefined) task.dependsOn = [...options.dependsOn];
  if (options.locks !== undefined) task.locks = [...options.locks];
  if (options.verify !== undefined) task.verify = options.verify.map((check) => ({ ...check }));
  if (options.retry !== undefined) task.retry = { ...options.retry };
  if (options.env !== undefined) task.env = { ...options.env };
  return task;
}
