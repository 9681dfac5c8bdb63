/** Between rows and the states of core. */
import { createHash } from "node:crypto";
import type { Answer, FarmTask, JournalEntry, MaiEvent, TaskState } from "mai-orchestration-core";
import type { RunRecord, WorkerIdentity } from "mai-orchestration-engine";
import type { Row } from "./database.ts";

/** A task as it is kept: its state, and what the table keeps beside it. */
export interface TaskRow {
  readonly task: TaskState;
  /** The number of its run's row. */
  readonly run: number;
  readonly lane: string;
  readonly open: number;
  /** How many tasks depend on it. */
  readonly dependants: number;
  /** Counts its changes, so that nobody writes over what he has not seen. */
  readonly version: number;
  readonly job: string | null;
}

/**
 * An id as Postgres can keep and index it: as it is where that is possible. Text there can have no NUL, and what is too
 * long for an index is told apart by its digest.
 */
export function keyOf(id: string): string {
  if (id.length <= 200 && !id.includes("\0") && !id.startsWith("sha256:") && id.isWellFormed()) return id;
  return digestOf(id);
}

/** A short name for any text. */
export function digestOf(text: string): string {
  // As JSON, which has a spelling for every text, broken surrogates included.
  return `sha256:${createHash("sha256").update(JSON.stringify(text)).digest("hex")}`;
}

/** The columns of a task, to be selected from {@link taskTables}. */
export const taskColumns =
  "t.id, t.run, l.lane, t.open, t.dependants, t.version, t.job::text as job, t.spec, t.state, t.answer";

export function taskTables(schema: string): string {
  return `${schema}.tasks t join ${schema}.lanes l on l.id = t.lane`;
}

export function taskRowOf(row: Row): TaskRow {
  return {
    task: taskOf(row),
    run: row["run"] as number,
    lane: row["lane"] as string,
    open: row["open"] as number,
    dependants: row["dependants"] as number,
    version: row["version"] as number,
    job: row["job"] as string | null,
  };
}

export function taskOf(row: Row): TaskState {
  const state = JSON.parse(row["state"] as string) as Omit<TaskState, "spec" | "answer">;
  const answer = row["answer"] === null ? null : (JSON.parse(row["answer"] as string) as Answer);
  return { ...state, spec: JSON.parse(row["spec"] as string) as FarmTask, answer };
}

/** What changes of a task, its answer aside. */
export function stateText({ spec: _, answer: __, ...state }: TaskState): string {
  return JSON.stringify(state);
}

export function runOf(row: Row): RunRecord {
  const record = JSON.parse(row["record"] as string) as Omit<RunRecord, "firstSeq">;
  return { ...record, firstSeq: row["first_seq"] as number };
}

export function recordText({ firstSeq: _, ...record }: RunRecord): string {
  return JSON.stringify(record);
}

export function workerOf(row: Row): WorkerIdentity {
  return JSON.parse(row["identity"] as string) as WorkerIdentity;
}

/** The part of an event that its row's own columns do not say. */
export function dataOf(event: MaiEvent): string {
  if (event.type === "task.queued") return `{"behindMs":${event.behindMs}}`;
  const { type: _, ...data } = event;
  return JSON.stringify(data);
}

/** An entry from its row, joined with the record of its run and, for one of a task, its spec. */
export function entryOf(row: Row): JournalEntry {
  const data = JSON.parse(row["data"] as string) as object;
  const { runId } = JSON.parse(row["record"] as string) as RunRecord;
  const head = { type: row["type"], seq: row["seq"], at: row["at"], runId };
  if (row["spec"] === null) return { ...head, ...data } as unknown as JournalEntry;
  const spec = JSON.parse(row["spec"] as string) as FarmTask;
  const task = row["type"] === "task.queued" ? { task: spec } : {};
  return { ...head, taskId: spec.taskId, ...task, ...data } as unknown as JournalEntry;
}
