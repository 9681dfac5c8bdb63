/** Trying again what ended without success. */
import {
  dependencyOrder,
  hasSucceeded,
  MaiError,
  type TaskState,
  uniqueDependencies,
} from "mai-orchestration-core";
import type { Reopening } from "../ports/store.ts";
import { apply } from "./apply.ts";
import type { Table } from "./table.ts";

/** Opens tasks of a run again: the named ones and what only they block, or all that did not succeed. */
export function reopen(
  table: Table,
  runId: string,
  reason: string,
  taskIds: readonly string[] | undefined,
  now: number,
): Reopening {
  const tasks = table.tasks({ runId });
  const states = new Map(tasks.map((task) => [task.spec.taskId, task]));
  const named = taskIds === undefined ? tasks : taskIds.flatMap((id) => states.get(id) ?? []);
  const chosen = new Set(named.filter(endedBadly).map((task) => task.spec.taskId));
  if (taskIds !== undefined) refuseUnreachable(chosen, states);
  addBlocked(chosen, tasks, states);

  const reopened = tasks
    .filter((task) => chosen.has(task.spec.taskId))
    .flatMap((task) => {
      const open = uniqueDependencies(task.spec).filter((id) => !isDone(states.get(id))).length;
      const applied = apply(
        table,
        task,
        [
          { type: "reopen", reason },
          { type: "release", open },
        ],
        now,
      );
      return applied.ok ? [applied.task] : [];
    });
  const run = table.run(runId);
  if (reopened.length > 0 && run !== undefined && run.finishedAt !== null)
    table.saveRun({ ...run, finishedAt: null, verdict: null });
  const succeeded = taskIds === undefined ? [] : named.filter(hasSucceeded).map((task) => task.spec.taskId);
  return { reopened, succeeded };
}

/** A task cannot be tried while one that it depends on has ended without success. */
function refuseUnreachable(chosen: ReadonlySet<string>, states: ReadonlyMap<string, TaskState>): void {
  for (const taskId of chosen) {
    const dead = dependenciesOf(taskId, states).find(
      (one) => endedBadly(one) && !chosen.has(one.spec.taskId),
    );
    if (dead === undefined) continue;
    const { verdict } = dead.end ?? { verdict: "failed" };
    throw new MaiError("task.blocked", `Task ${taskId} depends on ${dead.spec.taskId}, which is ${verdict}`, {
      hint: `Retry ${dead.spec.taskId}, and ${taskId} follows; or all that did not succeed.`,
    });
  }
}

/** Adds what is blocked by the chosen ones and by nothing else, and what is blocked by that. */
function addBlocked(
  chosen: Set<string>,
  tasks: readonly TaskState[],
  states: ReadonlyMap<string, TaskState>,
): void {
  for (const { taskId } of dependencyOrder(tasks.map((task) => task.spec))) {
    if (chosen.has(taskId) || states.get(taskId)?.end?.verdict !== "blocked") continue;
    const dead = dependenciesOf(taskId, states).filter(endedBadly);
    if (dead.length > 0 && dead.every((one) => chosen.has(one.spec.taskId))) chosen.add(taskId);
  }
}

function dependenciesOf(taskId: string, states: ReadonlyMap<string, TaskState>): TaskState[] {
  const spec = states.get(taskId)?.spec;
  return spec === undefined ? [] : uniqueDependencies(spec).flatMap((id) => states.get(id) ?? []);
}

function endedBadly(task: TaskState): boolean {
  return task.end !== null && !hasSucceeded(task);
}

function isDone(task: TaskState | undefined): boolean {
  return task !== undefined && hasSucceeded(task);
}
