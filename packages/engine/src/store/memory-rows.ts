/** The rows of a store in memory, and the ready ones among them. */
import {
  compareKeys,
  isStillPaid,
  nothingSpent,
  type Spending,
  type TaskState,
} from "mai-orchestration-core";
import type { HeldAttempt, NewRun, RunRecord } from "../ports/store.ts";
import { MemoryLane } from "./memory-lane.ts";
import type { ReadyKey } from "./table.ts";

/** A task with what the table keeps beside its state. While it is ready it is its own key in a lane. */
export interface Row extends ReadyKey {
  task: TaskState;
  serveDay: number;
  lane: string;
  open: number;
  dependants: number[] | null;
}

export interface RunRows {
  record: RunRecord;
  readonly byId: Map<string, Row>;
  readonly lanes: Map<string, MemoryLane>;
  held: number;
  /** Worker ids. */
  readonly drivers: Set<string>;
  spending: Spending;
}

/** Up to so many wanted tasks are looked up one by one; more are picked out of the lane. */
export const fewWanted = 64;

export function readyAmong(
  rows: RunRows,
  lane: string,
  limit: number,
  wanted: ReadonlySet<string>,
): ReadyKey[] {
  return pick(rows.byId, [...wanted])
    .filter((row) => row.lane === lane && row.task.phase === "ready")
    .sort(compareKeys)
    .slice(0, limit);
}

export function rowOf(task: TaskState, lane: string, open: number): Row {
  const { sequence, behindMs, serveDay } = task;
  return { task, lane, open, dependants: null, sequence, behindMs, serveDay: serveDay ?? 0 };
}

export function pushReady(rows: RunRows, row: Row): void {
  // Set when the task first became ready, and never another one afterwards.
  row.serveDay = row.task.serveDay ?? 0;
  let found = rows.lanes.get(row.lane);
  if (found === undefined) {
    found = new MemoryLane(row.lane);
    rows.lanes.set(row.lane, found);
  }
  found.push(row);
}

/** The rows of these tasks, each once, in the order of submission. */
export function pick(rows: ReadonlyMap<string, Row>, taskIds: readonly string[]): Row[] {
  const picked = [...new Set(taskIds)].flatMap((id) => rows.get(id) ?? []);
  return picked.sort((a, b) => a.task.sequence - b.task.sequence);
}

/** Those that have not said yet what they cost. */
export function paidAmong(held: readonly HeldAttempt[]): number {
  return held.filter(({ claim }) => isStillPaid(claim.task)).length;
}

export function newRunRows(run: NewRun, createdAt: number, firstSeq: number): RunRows {
  const record = { ...run, createdAt, firstSeq, finishedAt: null, verdict: null, interruptedAt: null };
  return { record, byId: new Map(), lanes: new Map(), held: 0, drivers: new Set(), spending: nothingSpent };
}
