/** Time for tests and simulations: it moves only when told to. */
import type { Clock } from "mai-orchestration-engine";
import type { Timer } from "./timer-heap.ts";
import { TimerHeap } from "./timer-heap.ts";

/** How long a clock waits for the code under test, in turns, virtual and real time. @public */
export interface RunUntilOptions {
  /**
   * Turns of the event loop given to the code under test before time moves on.
   * What needs more turns than these to set its next timer is overtaken by time.
   *
   * @defaultValue 4
   */
  readonly turns?: number;
  /** Virtual milliseconds after which waiting is given up. @defaultValue 30 days */
  readonly limitMs?: number;
  /** Real milliseconds to wait, with no timer left, for something outside the clock. @defaultValue 5_000 */
  readonly patienceMs?: number;
}

/**
 * A clock whose timers fire when the test says so; those due together fire in
 * the order they were set. Computation takes no time on it.
 *
 * @public
 */
export class VirtualClock implements Clock {
  #now: number;
  /** Calls of `soon` under way: time stands still until they are done. */
  #soon = 0;
  #timers: TimerHeap = new TimerHeap();

  /** @param now - Unix milliseconds at which it starts */
  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** `keepAlive` of the contract has no meaning here: there is no process to keep alive. */
  timer(ms: number, fire: () => void): () => void {
    if (Number.isNaN(ms)) throw new RangeError("A timer of NaN milliseconds");
    return this.#timers.add(this.#now + Math.max(ms, 0), fire);
  }

  soon(fire: () => void): void {
    this.#soon++;
    setImmediate(() => {
      this.#soon--;
      fire();
    });
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer is due; `null` when none waits. */
  get nextAt(): number | null {
    return this.#timers.peek()?.at ?? null;
  }

  /** Jumps to the next timer and fires it. `false`, and nothing happens, when none waits. */
  advance(): boolean {
    const next = this.#timers.take();
    if (next === undefined) return false;
    this.#fire(next);
    return true;
  }

  /** Lets `ms` pass, firing all that falls due meanwhile, also what is set meanwhile. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#timers.peek(); next !== undefined && next.at <= end; next = this.#timers.peek()) {
      this.advance();
    }
    this.#now = end;
  }

  /**
   * Moves time on, timer by timer, until `promise` settles, and settles as it
   * does. Between two timers the event loop gets some turns, so that what the
   * first one caused has happened before the second fires.
   *
   * Rejects when virtual time passes `limitMs`, and when no timer is left and
   * nothing happens for `patienceMs`.
   */
  async runUntil<T>(promise: PromiseLike<T>, options: RunUntilOptions = {}): Promise<T> {
    const { turns = 4, limitMs = 30 * 24 * 60 * 60_000, patienceMs = 5_000 } = options;
    const watch = { settled: false };
    const settle = (): void => {
      watch.settled = true;
    };
    promise.then(settle, settle);

    const limit = this.#now + limitMs;
    let idleSince: number | null = null;
    for (;;) {
      for (let turn = 0; (turn < turns || this.#soon > 0) && !watch.settled; turn++) await nextTurn();
      if (watch.settled) return promise;

      const { nextAt } = this;
      if (nextAt !== null && nextAt > limit)
        throw new Error(`The promise is pending after ${limitMs} virtual ms`);
      if (this.advance()) {
        idleSince = null;
        continue;
      }
      idleSince ??= performance.now();
      if (performance.now() - idleSince > patienceMs) {
        throw new Error("The promise is pending and no timer is left that could settle it");
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  #fire(timer: Timer): void {
    this.#now = Math.max(this.#now, timer.at);
    timer.fire();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
