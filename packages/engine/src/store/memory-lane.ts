/** The ready tasks of one lane, in order; who is looked at again and again stands in front. */
import { compareKeys } from "mai-orchestration-core";
import { Heap } from "./heap.ts";
import type { ReadyKey } from "./table.ts";

export class MemoryLane {
  readonly #heap: Heap<ReadyKey> = new Heap(compareKeys);
  /** The first keys, in order: all of them come before any in the heap. */
  #front: ReadyKey[] = [];

  push(key: ReadyKey): void {
    const last = this.#front.at(-1);
    if (last !== undefined && compareKeys(key, last) < 0) this.#giveBack();
    this.#heap.push(key);
  }

  /**
   * The first `limit` keys that are wanted.
   *
   * @param isReady - `false` for a key whose task was claimed or cancelled since: it is dropped
   */
  first(
    limit: number,
    isReady: (key: ReadyKey) => boolean,
    isWanted: (key: ReadyKey) => boolean,
  ): ReadyKey[] {
    const found: ReadyKey[] = [];
    const front: ReadyKey[] = [];
    const seen = this.#front;
    this.#front = front;
    for (let i = 0; found.length < limit || i < seen.length; i++) {
      const key = i < seen.length ? seen[i] : this.#heap.pop();
      if (key === undefined) break;
      // A task that became ready again before its old key was dropped has two, side by side.
      if (!isReady(key) || front.at(-1)?.sequence === key.sequence) continue;
      front.push(key);
      if (found.length < limit && isWanted(key)) found.push(key);
    }
    return found;
  }

  #giveBack(): void {
    for (const key of this.#front) this.#heap.push(key);
    this.#front = [];
  }
}
