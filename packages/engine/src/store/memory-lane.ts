/** The ready tasks of one lane, in order; who is looked at again and again stands in front. */
import { compareKeys } from "mai-orchestration-core";
import { Heap } from "./heap.ts";
import type { Row } from "./memory-rows.ts";

export class MemoryLane {
  readonly #name: string;
  readonly #heap: Heap<Row> = new Heap<Row>(compareKeys);
  /** The first rows, in order: all of them come before any in the heap. */
  #front: Row[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  push(row: Row): void {
    const last = this.#front.at(-1);
    if (last !== undefined && compareKeys(row, last) < 0) this.#giveBack();
    this.#heap.push(row);
  }

  /** The first `limit` rows that are ready and wanted. Those claimed or cancelled since are dropped. */
  first(limit: number, wanted: ReadonlySet<string> | undefined): Row[] {
    const found: Row[] = [];
    const front: Row[] = [];
    const seen = this.#front;
    this.#front = front;
    for (let i = 0; found.length < limit || i < seen.length; i++) {
      const row = i < seen.length ? seen[i] : this.#heap.pop();
      if (row === undefined) break;
      // A task that became ready again before it was dropped stands here twice, side by side.
      if (!this.#has(row) || front.at(-1) === row) continue;
      front.push(row);
      if (found.length >= limit) continue;
      if (wanted === undefined || wanted.has(row.task.spec.taskId)) found.push(row);
    }
    return found;
  }

  #has({ task, lane }: Row): boolean {
    return task.phase === "ready" && lane === this.#name;
  }

  #giveBack(): void {
    for (const row of this.#front) this.#heap.push(row);
    this.#front = [];
  }
}
