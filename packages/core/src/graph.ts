/** The graph of dependencies: what it forbids (cycles) and what it tells the scheduler (longest paths). */
import type { FarmTask } from "./task.ts";

type Node = Pick<FarmTask, "taskId" | "dependsOn" | "estimate">;

/** Milliseconds assumed of a task that states no estimate: an agent's task takes minutes rather than seconds. @public */
export const defaultEstimateMs = 60_000;

/**
 * One cycle among `tasks`, as the ids along it with the first repeated at the
 * end (`["a", "b", "a"]`: a depends on b, b on a), or `undefined`.
 * Dependencies outside `tasks` are passed over.
 *
 * @public
 */
export function findCycle(tasks: readonly Node[]): readonly string[] | undefined {
  const byId = new Map(tasks.map((task) => [task.taskId, task]));
  const done = new Set<string>();
  for (const { taskId } of tasks) {
    const cycle = cycleFrom(taskId, byId, done);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Walks without recursion, for a chain of a hundred thousand tasks is a legal plan. */
function cycleFrom(start: string, byId: ReadonlyMap<string, Node>, done: Set<string>): string[] | undefined {
  if (done.has(start)) return undefined;
  const path: string[] = [start];
  const onPath = new Set(path);
  const pending = [dependenciesOf(start, byId)];
  while (path.length > 0) {
    const next = pending.at(-1)?.pop();
    if (next === undefined) {
      const left = path.pop();
      if (left !== undefined) {
        done.add(left);
        onPath.delete(left);
      }
      pending.pop();
    } else if (onPath.has(next)) {
      return [...path.slice(path.indexOf(next)), next];
    } else if (!done.has(next) && byId.has(next)) {
      path.push(next);
      onPath.add(next);
      pending.push(dependenciesOf(next, byId));
    }
  }
  return undefined;
}

function dependenciesOf(taskId: string, byId: ReadonlyMap<string, Node>): string[] {
  return [...(byId.get(taskId)?.dependsOn ?? [])].reverse();
}

/** An order in which every task stands after its dependencies; equal ones keep theirs. The tasks must have no cycle. @public */
export function dependencyOrder<T extends Node>(tasks: readonly T[]): T[] {
  const byId = new Map(tasks.map((task) => [task.taskId, task]));
  const open = new Map<string, number>();
  const dependants = new Map<string, T[]>();
  for (const task of tasks) {
    const inside = uniqueDependencies(task).filter((id) => byId.has(id));
    open.set(task.taskId, inside.length);
    for (const id of inside) {
      const list = dependants.get(id);
      if (list === undefined) dependants.set(id, [task]);
      else list.push(task);
    }
  }
  const ordered = tasks.filter((task) => open.get(task.taskId) === 0);
  for (let i = 0; i < ordered.length; i++) {
    const task = ordered[i];
    for (const dependant of (task && dependants.get(task.taskId)) ?? []) {
      const left = (open.get(dependant.taskId) ?? 0) - 1;
      open.set(dependant.taskId, left);
      if (left === 0) ordered.push(dependant);
    }
  }
  return ordered;
}

/**
 * For every task the milliseconds of estimated work on the longest path from
 * its own start to the end of what waits behind it. The tasks must have no cycle.
 *
 * @public
 */
export function longestPaths(tasks: readonly Node[]): Map<string, number> {
  const behind = new Map<string, number>(tasks.map((task) => [task.taskId, 0]));
  const lengths = new Map<string, number>();
  const ordered = dependencyOrder(tasks);
  for (let i = ordered.length - 1; i >= 0; i--) {
    const task = ordered[i];
    if (task === undefined) continue;
    const length = (task.estimate ?? defaultEstimateMs) + (behind.get(task.taskId) ?? 0);
    lengths.set(task.taskId, length);
    for (const id of task.dependsOn ?? []) {
      const known = behind.get(id);
      if (known !== undefined && length > known) behind.set(id, length);
    }
  }
  return lengths;
}

/** The tasks whose dependencies are all in `succeeded` and that are not themselves. @public */
export function readySet<T extends Node>(tasks: readonly T[], succeeded: ReadonlySet<string>): T[] {
  return tasks.filter(
    (task) => !succeeded.has(task.taskId) && (task.dependsOn ?? []).every((id) => succeeded.has(id)),
  );
}

/** A task's dependencies, each once. @public */
export function uniqueDependencies(task: Pick<FarmTask, "dependsOn">): string[] {
  const { dependsOn } = task;
  if (dependsOn === undefined || dependsOn.length === 0) return [];
  return dependsOn.length === 1 ? dependsOn : [...new Set(dependsOn)];
}
