/**
 * What one process remembers of the file between its own transactions. SQLite's
 * `data_version` tells whether anybody else has written since; then all of it
 * is forgotten.
 */
import { isHeld, type TaskState } from "mai-orchestration-core";

export class Memo {
  /** Whether any task depends on another; `null` when not looked at yet. */
  anyEdge: boolean | null = null;
  readonly #runs = new Map<string, number>();
  readonly #lanes = new Map<string, number>();
  /** Tasks with a running attempt, by run and id: those that are asked for again soon. */
  readonly #held = new Map<string, TaskState>();
  /** Drivers of runs that are in the file already. */
  readonly #drivers = new Set<string>();
  /** Numbers of answers journalled in this transaction, by task. */
  readonly #answers = new Map<number, number>();
  #version: number | null = null;

  /** Whether nobody else has written since the last call; if somebody has, everything is forgotten. */
  isOf(version: number): boolean {
    if (version === this.#version) return true;
    this.clear();
    this.#version = version;
    return false;
  }

  clear(): void {
    this.anyEdge = null;
    this.#runs.clear();
    this.#lanes.clear();
    this.#held.clear();
    this.#drivers.clear();
    this.#answers.clear();
    this.#version = null;
  }

  /** Whether this is not known to be in the file. */
  isNewDriver(run: number, workerId: string): boolean {
    const key = `${run} ${workerId}`;
    if (this.#drivers.has(key)) return false;
    this.#drivers.add(key);
    return true;
  }

  forgetDrivers(): void {
    this.#drivers.clear();
  }

  /** The row number of a run; 0, which is not remembered, when there is none. */
  run(runId: string, find: () => number): number {
    const known = this.#runs.get(runId);
    if (known !== undefined) return known;
    const row = find();
    if (row > 0) this.#runs.set(runId, row);
    return row;
  }

  lane(run: number, lane: string, find: () => number): number {
    const key = `${run} ${lane}`;
    let row = this.#lanes.get(key);
    if (row === undefined) {
      row = find();
      this.#lanes.set(key, row);
    }
    return row;
  }

  held(runId: string, taskId: string): TaskState | undefined {
    return this.#held.get(keyOf(runId, taskId));
  }

  saved(task: TaskState): void {
    const key = keyOf(task.runId, task.spec.taskId);
    if (isHeld(task)) this.#held.set(key, task);
    else this.#held.delete(key);
  }

  answered(sequence: number, seq: number): void {
    this.#answers.set(sequence, seq);
  }

  /** The number of the answer that was journalled for this task and not yet stored with it. */
  takeAnswer(sequence: number): number | null {
    const seq = this.#answers.get(sequence);
    if (seq === undefined) return null;
    this.#answers.delete(sequence);
    return seq;
  }
}

/** With its length the run's id ends where it ends, whatever the ids are. */
function keyOf(runId: string, taskId: string): string {
  return `${runId.length} ${runId} ${taskId}`;
}
