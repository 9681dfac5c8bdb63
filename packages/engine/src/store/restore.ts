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
import { apply, noteCost } from "./apply.ts";
import type { Table } from "./table.ts";

/** Adds the run and its tasks as they stood; what ran then becomes ready again. */
export function restore(table: Table, run: RunRecord, journal: readonly JournalEntry[], now: number): void {
  if (table.run(run.runId) !== undefined) {
    throw new MaiError("task.conflict", `The store already has the run ${run.runId}`, {
      hint: "Attach to it, or restore into another store.",
    });
  }
  const tasks = foldJournal(run.runId, journal);
  refuseForeign(run.runId, journal);
  refuseMissing(tasks);

  table.addRun(run, run.createdAt);
  table.saveRun({ ...run, firstSeq: table.run(run.runId)?.firstSeq ?? 0 });
  const sequences = new Map<string, number>();
  for (const taskId of tasks.keys()) sequences.set(taskId, table.nextSequence());
  for (const entry of journal) {
    const { seq: _, at, runId, taskId, ...event } = entry;
    const sequence = taskId === undefined ? null : (sequences.get(taskId) ?? null);
    table.addEvent(runId, taskId ?? null, sequence, event, at);
    noteCost(table, runId, event);
  }
  for (const [taskId, task] of tasks) {
    const lane = laneOf(demandOf(task.spec, task.losses));
    const open = openDependencies(task, tasks).length;
    table.addTask({ ...task, sequence: sequences.get(taskId) ?? 0 }, lane, open);
  }
  for (const [taskId, task] of tasks) {
    for (const id of openDependencies(task, tasks)) {
      table.addEdge(sequences.get(id) ?? 0, sequences.get(taskId) ?? 0);
    }
  }
  interruptHeld(table, tasks, sequences, now);
}

/** Every task of a run as its journal tells. Throws `state.invalid` when it does not fold. @public */
export function foldJournal(runId: string, journal: readonly JournalEntry[]): Map<string, TaskState> {
  const tasks = new Map<string, TaskState>();
  for (const entry of journal) {
    try {
      if (entry.taskId === undefined || entry.runId !== runId) continue;
      tasks.set(entry.taskId, foldEntry(tasks.get(entry.taskId), runId, tasks.size + 1, entry));
    } catch (error) {
      const where = `entry ${entry?.seq} (${entry?.type} of ${entry?.taskId})`;
      throw new MaiError("state.invalid", `The journal does not fold at ${where}: ${messageOf(error)}`, {
        hint: "Use a state that was exported whole, and is unchanged since.",
        cause: error,
      });
    }
  }
  return tasks;
}

/** A journal from outside may be anything; what `evolve` takes for granted is looked at here. */
function foldEntry(
  task: TaskState | undefined,
  runId: string,
  sequence: number,
  entry: JournalEntry,
): TaskState {
  if (entry.type === "task.queued") {
    if (task !== undefined) throw new Error("the task was queued before");
    if (entry.task?.taskId !== entry.taskId) throw new Error("it does not hold its task");
    return newTaskState(runId, sequence, entry);
  }
  if (task === undefined) throw new Error("the task was never queued");
  const ofNewest = entry.type === "attempt.started" || entry.type === "attempt.refused";
  if ("attempt" in entry && !ofNewest && entry.attempt !== task.attempt) {
    throw new Error(`it is of attempt ${entry.attempt}, the newest is ${task.attempt}`);
  }
  const next: TaskState | undefined = evolve(task, entry as TaskEvent, entry.at);
  if (next === undefined) throw new Error("nobody knows such an entry");
  return next;
}

function refuseForeign(runId: string, journal: readonly JournalEntry[]): void {
  const foreign = journal.find((entry) => entry.runId !== runId);
  if (foreign === undefined) return;
  throw new MaiError("state.invalid", `The journal of run ${runId} has an entry of ${foreign.runId}`, {
    hint: "Use a state that was exported whole, and is unchanged since.",
  });
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
