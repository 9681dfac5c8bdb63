/** Timers in the order they fall due: a binary heap, with cancelled ones dropped lazily. */

/** @internal */
export interface Timer {
  readonly at: number;
  readonly sequence: number;
  readonly fire: () => void;
  cancelled: boolean;
  taken: boolean;
}

/** @internal */
export class TimerHeap {
  #heap: Timer[] = [];
  #sequence = 0;
  #cancelled = 0;

  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  /** Returns how to cancel it; doing so after it was taken changes nothing. */
  add(at: number, fire: () => void): () => void {
    const timer: Timer = { at, sequence: this.#sequence++, fire, cancelled: false, taken: false };
    this.#heap.push(timer);
    this.#siftUp(this.#heap.length - 1);
    return () => {
      if (timer.cancelled || timer.taken) return;
      timer.cancelled = true;
      this.#cancelled++;
      // Heartbeats are set and cancelled all the time: without this the heap would only grow.
      if (this.#cancelled > 64 && this.#cancelled > this.#heap.length / 2) this.#dropCancelled();
    };
  }

  /** The next timer, which stays. */
  peek(): Timer | undefined {
    while (this.#heap[0]?.cancelled) {
      this.#pop();
      this.#cancelled--;
    }
    return this.#heap[0];
  }

  /** The next timer, removed. */
  take(): Timer | undefined {
    const next = this.peek();
    if (next === undefined) return undefined;
    next.taken = true;
    this.#pop();
    return next;
  }

  #dropCancelled(): void {
    this.#heap = this.#heap.filter((timer) => !timer.cancelled).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#cancelled = 0;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #siftDown(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const child = this.#firstOf(left, left + 1);
      if (!this.#swapIfBefore(child, index)) return;
      index = child;
    }
  }

  #firstOf(left: number, right: number): number {
    const [a, b] = [this.#heap[left], this.#heap[right]];
    return a !== undefined && b !== undefined && isBefore(b, a) ? right : left;
  }

  #swapIfBefore(index: number, other: number): boolean {
    const [a, b] = [this.#heap[index], this.#heap[other]];
    if (a === undefined || b === undefined || !isBefore(a, b)) return false;
    this.#heap[index] = b;
    this.#heap[other] = a;
    return true;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
