/** Adding a run that another store kept, from its journal. */
import {
  demandOf,
  evolve,
  hasSucceeded,
  isHeld,
  type JournalEntry,
  laneOf,
  MaiError,
  messageOf,
  newTaskState,
  type TaskEvent,
  type TaskState,
  uniqueDependencies,
} from "mai-orchestration-core";
import type { RunRecord } from "../ports/store.ts";
import { apply } from "./apply.ts";
import type { Table } from "./table.ts";

/** Adds the run and its tasks as they stood; what ran then becomes ready again. */
export function restore(table: Table, run: RunRecord, journal: readonly JournalEntry[], now: number): void {
  if (table.run(run.runId) !== undefined) {
    throw new MaiError("task.conflict", `The store already has the run ${run.runId}`, {
      hint: "Attach to it, or restore into another store.",
    });
  }
  const tasks = foldJournal(run.runId, journal);
  refuseMissing(tasks);

  table.addRun(run, run.createdAt);
  table.saveRun({ ...run, firstSeq: table.run(run.runId)?.firstSeq ?? 0 });
  const sequences = new Map<string, number>();
  for (const taskId of tasks.keys()) sequences.set(taskId, table.nextSequence());
  for (const entry of journal) {
    const { seq: _, at, runId, taskId, ...event } = entry;
    const sequence = taskId === undefined ? null : (sequences.get(taskId) ?? null);
    table.addEvent(runId, taskId ?? null, sequence, event, at);
  }
  for (const [taskId, task] of tasks) {
    const open = openDependencies(task, tasks);
    const sequence = sequences.get(taskId) ?? 0;
    table.addTask({ ...task, sequence }, laneOf(demandOf(task.spec, task.losses)), open.length);
    for (const id of open) table.addEdge(sequences.get(id) ?? 0, sequence);
  }
  interruptHeld(table, tasks, sequences, now);
}

/** Every task of a run as its journal tells. Throws `state.invalid` when it does not fold. @public */
export function foldJournal(runId: string, journal: readonly JournalEntry[]): Map<string, TaskState> {
  const tasks = new Map<string, TaskState>();
  for (const entry of journal) {
    if (entry.taskId === undefined || entry.runId !== runId) continue;
    try {
      if (entry.type === "task.queued") {
        tasks.set(entry.taskId, newTaskState(runId, tasks.size + 1, entry));
        continue;
      }
      const task = tasks.get(entry.taskId);
      if (task === undefined) throw new Error("the task was never queued");
      tasks.set(entry.taskId, evolve(task, entry as TaskEvent, entry.at));
    } catch (error) {
      const where = `entry ${entry.seq} (${entry.type} of ${entry.taskId})`;
      throw new MaiError("state.invalid", `The journal does not fold at ${where}: ${messageOf(error)}`, {
        hint: "Use a state that was exported whole, and is unchanged since.",
        cause: error,
      });
    }
  }
  return tasks;
}

function refuseMissing(tasks: ReadonlyMap<string, TaskState>): void {
  for (const [taskId, { spec }] of tasks) {
    const missing = uniqueDependencies(spec).find((id) => !tasks.has(id));
    if (missing === undefined) continue;
    throw new MaiError(
      "state.invalid",
      `Task ${taskId} depends on ${missing}, which the journal does not have`,
    );
  }
}

function openDependencies(task: TaskState, tasks: ReadonlyMap<string, TaskState>): string[] {
  return uniqueDependencies(task.spec).filter((id) => {
    const dependency = tasks.get(id);
    return dependency !== undefined && !hasSucceeded(dependency);
  });
}

function interruptHeld(
  table: Table,
  tasks: ReadonlyMap<string, TaskState>,
  sequences: ReadonlyMap<string, number>,
  now: number,
): void {
  for (const [taskId, { attempt }] of tasks) {
    const task = table.taskAt(sequences.get(taskId) ?? 0);
    if (task === undefined || !isHeld(task)) continue;
    apply(table, task, [{ type: "interrupt", attempt, reason: "its engine was left behind" }], now);
  }
}
