/** A set of tasks that an engine was asked to bring to their ends. */

import type { Exhausted } from "../ports/store.ts";

/** Which tasks an engine is to bring to their ends, and within which limits. @public */
export interface DriveOptions {
  readonly runId: string;
  /** The root of the run, absolute. */
  readonly root: string;
  /** The tasks; absent: all of the run, also those submitted later. */
  readonly only?: readonly string[];
  /** Attempts of this drive that may run at once. @defaultValue no limit but the agents' */
  readonly parallel?: number;
  /** Whether the first task that fails cancels the others. */
  readonly failFast?: boolean;
  /** Milliseconds from now after which what has not ended is cancelled. */
  readonly timeoutMs?: number;
  /** Whether the run has a ceiling of costs: then an engine that does nothing itself looks whether it is reached. */
  readonly hasCeiling?: boolean;
}

/** Why a drive is over. @public */
export type DriveEnd = "ended" | "interrupted" | "exhausted";

/** A drive as its caller sees it. @public */
export interface DriveHandle {
  /**
   * Resolves `ended` when all tasks have, `interrupted` when the engine was
   * interrupted first, or `exhausted` when nothing of the run runs and its ceiling lets nothing start. Rejects when the store cannot do its work; what ran is
   * dead by then.
   */
  readonly done: Promise<DriveEnd>;
  /** What the run had spent when it was `exhausted`; `null` otherwise. */
  readonly exhausted: Exhausted | null;
  /** Adds tasks to a drive of named tasks; `false` when it is over already. */
  add(taskIds: readonly string[]): boolean;
}

/** @internal */
export class Drive {
  readonly options: DriveOptions;
  /** What has not ended; `null`: the whole run, however large. */
  readonly open: Set<string> | null;
  readonly done: Promise<DriveEnd>;
  running = 0;
  isOver = false;
  /** Whether something happened since the store was last asked if all has ended. */
  mayBeOver = true;
  /** Set once failFast or the timeout has cancelled the rest. */
  isCancelling = false;
  /** Failures on the way to the store, each of which may be the one that stops the rest. */
  doubts = 0;
  /** Whether a task of it may have failed before another engine, which may be dead. */
  mayHaveFailed = false;
  exhausted: Exhausted | null = null;
  stopTimer: () => void = () => undefined;
  #resolve: (end: DriveEnd) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(options: DriveOptions) {
    this.options = options;
    this.open = options.only === undefined ? null : new Set(options.only);
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** @param onAdded - called when it has more tasks */
  handle(onAdded: () => void): DriveHandle {
    const exhausted = (): Exhausted | null => this.exhausted;
    return {
      done: this.done,
      get exhausted() {
        return exhausted();
      },
      add: (taskIds) => {
        if (!this.add(taskIds)) return false;
        onAdded();
        return true;
      },
    };
  }

  add(taskIds: readonly string[]): boolean {
    if (this.isOver) return false;
    for (const taskId of taskIds) this.open?.add(taskId);
    this.mayBeOver = true;
    return true;
  }

  wants(runId: string, taskId: string): boolean {
    return this.options.runId === runId && (this.open === null || this.open.has(taskId));
  }

  /** The tasks to cancel when it is given up; absent: all of the run. */
  get rest(): readonly string[] | undefined {
    return this.open === null ? undefined : [...this.open];
  }

  get freeSlots(): number {
    return (this.options.parallel ?? Number.MAX_SAFE_INTEGER) - this.running;
  }

  /** Whether more of its tasks may start. */
  get wantsMore(): boolean {
    return !this.isOver && !this.isCancelling && this.doubts === 0 && this.freeSlots > 0;
  }

  finish(end: DriveEnd): void {
    this.#over();
    this.#resolve(end);
  }

  fail(error: unknown): void {
    this.#over();
    this.#reject(error);
  }

  #over(): void {
    this.isOver = true;
    this.stopTimer();
  }
}
