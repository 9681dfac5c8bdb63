/** Where the rules act on a table: decide, evolve, keep, and follow every consequence to its end. */
import {
  answerIn,
  consequences,
  decide,
  demandOf,
  endsTask,
  evolve,
  laneOf,
  type MaiEvent,
  type Refusal,
  spendingAfter,
  type TaskCommand,
  type TaskEvent,
  type TaskState,
} from "mai-orchestration-core";
import type { Table } from "./table.ts";

/** What commands did to a task and, through it, to others. */
export type Applied =
  | {
      readonly ok: true;
      readonly task: TaskState;
      readonly ended: readonly TaskState[];
      readonly readied: boolean;
    }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * Applies commands to one task, all or none, and their consequences to its
 * dependants. To be called inside a transaction of the table.
 */
export function apply(table: Table, task: TaskState, commands: readonly TaskCommand[], now: number): Applied {
  const step = advance(task, commands, now);
  if (!step.ok) return step;
  keep(table, task, step, now);
  const ended: TaskState[] = [];
  const readied = follow(table, step.task, step.events, ended, now);
  return { ok: true, task: step.task, ended, readied };
}

interface Step {
  readonly ok: true;
  readonly task: TaskState;
  readonly events: readonly TaskEvent[];
}

/** Decides and evolves without touching the table. */
export function advance(
  task: TaskState,
  commands: readonly TaskCommand[],
  now: number,
): Step | { readonly ok: false; readonly refusal: Refusal } {
  const events: TaskEvent[] = [];
  let current = task;
  for (const command of commands) {
    const decision = decide(current, command, now);
    if (!decision.ok) return decision;
    for (const event of decision.events) {
      current = evolve(current, event, now);
      events.push(event);
    }
  }
  return { ok: true, task: current, events };
}

function keep(table: Table, before: TaskState, step: Step, now: number): void {
  if (step.events.length === 0) return;
  const { task } = step;
  for (const event of step.events) {
    table.addEvent(task.runId, task.spec.taskId, task.sequence, event, now);
    noteCost(table, task.runId, event);
  }
  // Losses are the only part of a lane's name that changes while a task lives.
  if (task.losses === before.losses) table.saveTask(task);
  else table.saveTask(task, laneOf(demandOf(task.spec, task.losses)));
}

/** Most of what is done costs nothing, and writes nothing here. */
export function noteCost(table: Table, runId: string, event: MaiEvent): void {
  const costUsd = answerIn(event)?.usage.costUsd ?? 0;
  if (costUsd > 0) table.saveSpending(runId, spendingAfter(table.spending(runId), event));
}

/** Follows consequences to a fixpoint; collects what ended; says whether anything became ready. */
function follow(
  table: Table,
  first: TaskState,
  firstEvents: readonly TaskEvent[],
  ended: TaskState[],
  now: number,
): boolean {
  let readied = false;
  const pending: [TaskState, readonly TaskEvent[]][] = [[first, firstEvents]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [task, events] = next;
    for (const event of events) {
      if (event.type === "task.ready" || event.type === "task.retried") readied = true;
      if (!endsTask(event)) continue;
      ended.push(task);
      const dependants =
        event.type === "task.succeeded" ? table.release(task.sequence) : table.dependants(task.sequence);
      for (const [sequence, command] of consequences(task.spec.taskId, event, dependants)) {
        const dependant = table.taskAt(sequence);
        if (dependant === undefined) continue;
        const step = advance(dependant, [command], now);
        if (!step.ok) continue;
        keep(table, dependant, step, now);
        pending.push([step.task, step.events]);
      }
    }
  }
  return readied;
}
