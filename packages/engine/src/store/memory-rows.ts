/** The rows of a store in memory, and the ready ones among them. */
import { compareKeys, type TaskState } from "mai-orchestration-core";
import type { RunRecord } from "../ports/store.ts";
import { MemoryLane } from "./memory-lane.ts";
import type { ReadyKey } from "./table.ts";

/** A task with what the table keeps beside its state. */
export interface Row {
  task: TaskState;
  lane: string;
  open: number;
  dependants: number[] | null;
}

export interface RunRows {
  record: RunRecord;
  readonly byId: Map<string, Row>;
  readonly lanes: Map<string, MemoryLane>;
  held: number;
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
    .map((row) => keyOf(row.task))
    .sort(compareKeys)
    .slice(0, limit);
}

function keyOf(task: TaskState): ReadyKey {
  const { sequence, serveDay, behindMs } = task;
  return { sequence, serveDay: serveDay ?? 0, behindMs };
}

export function pushReady(rows: RunRows, row: Row): void {
  const { task, lane } = row;
  let found = rows.lanes.get(lane);
  if (found === undefined) {
    found = new MemoryLane();
    rows.lanes.set(lane, found);
  }
  found.push(keyOf(task));
}

/** The rows of these tasks, each once, in the order of submission. */
export function pick(rows: ReadonlyMap<string, Row>, taskIds: readonly string[]): Row[] {
  const picked = [...new Set(taskIds)].flatMap((id) => rows.get(id) ?? []);
  return picked.sort((a, b) => a.task.sequence - b.task.sequence);
}
