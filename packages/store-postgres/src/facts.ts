/** What the database said within one transaction, before this turn changed anything. */
import type { Capacity, Spending, TaskState } from "mai-orchestration-core";
import type { RunRecord, TaskFilter } from "mai-orchestration-engine";
import type { ReadyKey } from "mai-orchestration-engine/store";
import type { TaskRow } from "./rows.ts";

/** Something that must be read before a turn can be played to its end. */
export type Need =
  | { readonly type: "run"; readonly runId: string }
  | { readonly type: "task"; readonly runId: string; readonly taskId: string }
  | { readonly type: "row"; readonly sequence: number }
  | { readonly type: "tasks"; readonly filter: TaskFilter }
  | { readonly type: "dependants"; readonly sequence: number }
  | { readonly type: "sequences"; readonly count: number }
  | { readonly type: "agent"; readonly agentId: string }
  /** Of a task that is named by its id. */
  | { readonly type: "dependantsOf"; readonly runId: string; readonly taskId: string }
  | { readonly type: "lanes"; readonly runId: string }
  /** The first ready tasks of all lanes of a run that one of the offers serves. */
  | {
      readonly type: "heads";
      readonly runId: string;
      readonly limit: number;
      readonly offers: readonly Capacity[];
      readonly wanted: readonly string[] | null;
    }
  | { readonly type: "locks" }
  | { readonly type: "waiting"; readonly limit: number }
  | {
      readonly type: "ready";
      readonly runId: string;
      readonly lane: string;
      readonly limit: number;
      readonly wanted: readonly string[] | null;
    };

/** A fact that was asked for and has not been read. Caught by whoever plays the turn. */
export class Missing extends Error {
  override readonly name = "Missing";
  readonly need: Need;

  constructor(need: Need) {
    super(`The ${need.type} has not been read`);
    this.need = need;
  }
}

/** A run and the number of its row. */
export interface RunRow {
  readonly id: number;
  readonly record: RunRecord;
  readonly held: number;
  /** Of those that are held: attempts that have not said yet what they cost. */
  readonly paid: number;
  readonly spending: Spending;
}

/** The first ready tasks of a lane. */
export interface ReadyFact {
  readonly keys: readonly ReadyKey[];
  /** Whether the lane has no more than these. */
  readonly isWhole: boolean;
}

export class Facts {
  readonly runs: Map<string, RunRow | null> = new Map();
  readonly rows: Map<number, TaskRow | null> = new Map();
  /** Sequences by run and id. */
  readonly ids: Map<string, number | null> = new Map();
  readonly filtered: Map<string, readonly number[]> = new Map();
  readonly dependants: Map<number, readonly number[]> = new Map();
  /** Numbers reserved for new tasks. */
  sequences: { readonly first: number; readonly count: number } | null = null;
  readonly agents: Map<string, { readonly cap: number | null; readonly held: number }> = new Map();
  readonly lanes: Map<string, readonly string[]> = new Map();
  /** Locks of running attempts, by task. */
  locks: ReadonlyMap<number, readonly string[]> | null = null;
  /** Waiting tasks, the next one first. */
  waiting: { readonly sequences: readonly number[]; readonly isWhole: boolean } | null = null;
  readonly ready: Map<string, ReadyFact> = new Map();

  add(row: TaskRow): void {
    const { task } = row;
    this.rows.set(task.sequence, row);
    this.ids.set(idKey(task.runId, task.spec.taskId), task.sequence);
  }
}

export function idKey(runId: string, taskId: string): string {
  return JSON.stringify([runId, taskId]);
}

export function readyKey(
  runId: string,
  lane: string,
  wanted: ReadonlySet<string> | readonly string[] | null,
): string {
  return JSON.stringify([runId, lane, wanted === null ? null : [...wanted]]);
}

export function filterKey({ runId, taskIds, phases }: TaskFilter): string {
  return JSON.stringify([runId, taskIds, phases]);
}

/** Whether a filter, which names neither place nor number here, takes the task. */
export function matches(task: TaskState, { runId, taskIds, phases }: TaskFilter): boolean {
  if (task.runId !== runId) return false;
  if (taskIds !== undefined && !taskIds.includes(task.spec.taskId)) return false;
  return phases === undefined || phases.includes(task.phase);
}
