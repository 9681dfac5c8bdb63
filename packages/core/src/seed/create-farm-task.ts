import { copyTask, type FarmTask, type FarmTaskOptions, type TaskType } from "../task.ts";
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
  const { context = [], constraints = [] } = options;
  const taskId = `task-${wallClock().getTime().toString(36)}-${randomSuffix()}`;
  return copyTask({ ...options, taskId, type, description, context, constraints, successCriteria });
}
