/** What an event of one task asks of the tasks that depend on it. Applied to a fixpoint by the store. */
import type { TaskCommand } from "./commands.ts";
import type { TaskEvent } from "./events.ts";

/** A task that depends on another one, and how many of its dependencies have not succeeded yet. @public */
export interface Dependant {
  readonly sequence: number;
  /** Not counting the dependency whose event is looked at, if that one succeeded. */
  readonly open: number;
}

/** A command that an event of one task gives another one, named by its sequence. @public */
export type Consequence = readonly [sequence: number, command: TaskCommand];

/** Whether an event has any consequence for dependants: lets a store skip the look-up. @public */
export function endsTask(event: TaskEvent): boolean {
  switch (event.type) {
    case "task.succeeded":
    case "task.failed":
    case "task.blocked":
    case "task.cancelled":
      return true;
    default:
      return false;
  }
}

/**
 * The commands that follow from `event` of the task `taskId`.
 *
 * @param dependants - those that name it in `dependsOn`
 * @public
 */
export function consequences(
  taskId: string,
  event: TaskEvent,
  dependants: readonly Dependant[],
): readonly Consequence[] {
  switch (event.type) {
    case "task.succeeded":
      return dependants.map(({ sequence, open }) => [sequence, { type: "release", open }]);
    case "task.failed":
      return dependants.map(({ sequence }) => [sequence, block(taskId, "failed")]);
    case "task.blocked":
      return dependants.map(({ sequence }) => [sequence, block(taskId, "is blocked")]);
    case "task.cancelled":
      return dependants.map(({ sequence }) => [sequence, block(taskId, "was cancelled")]);
    default:
      return [];
  }
}

function block(taskId: string, what: string): TaskCommand {
  return { type: "block", reason: `its dependency ${taskId} ${what}` };
}
