/** Group commit: calls made without waiting in between, such as all of one turn of the engine, share a transaction. */
import { isMaiError, MaiError } from "mai-orchestration-core";
import type { Clock } from "../ports/clock.ts";
import type { Table } from "./table.ts";

/** How long a locked file is tried again before its callers are told. */
const defaultBusyLimitMs = 60_000;
const foreignPollMs = 100;

interface Call {
  readonly writes: boolean;
  readonly work: (now: number) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** What to answer once the commit has made it true. */
  answer: unknown;
  isRefused: boolean;
}

/** Calls waiting for the next transaction, and those who want to hear of one. */
export class CallQueue {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #busyLimitMs: number;
  readonly #listeners = new Set<(foreign: boolean) => void>();
  #pending: Call[] = [];
  #scheduled = false;
  #closing: Promise<void> | null = null;
  #busySince: number | null = null;
  #stopPolling: (() => void) | null = null;

  constructor(table: Table, clock: Clock, busyLimitMs: number = defaultBusyLimitMs) {
    this.#table = table;
    this.#clock = clock;
    this.#busyLimitMs = busyLimitMs;
  }

  add<T>(writes: boolean, work: (now: number) => T): Promise<T> {
    if (this.#closing !== null) return Promise.reject(closedError(this.#table.name));
    return new Promise<T>((resolve, reject) => {
      this.#pending.push({
        writes,
        work,
        resolve: resolve as (value: unknown) => void,
        reject,
        answer: undefined,
        isRefused: false,
      });
      this.#schedule();
    });
  }

  onChange(listener: (foreign: boolean) => void): () => void {
    this.#listeners.add(listener);
    this.#poll();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) {
        this.#stopPolling?.();
        this.#stopPolling = null;
      }
    };
  }

  /** Makes the transaction of all waiting calls now. For tables that are never busy. */
  flushNow(): void {
    if (this.#pending.length > 0) this.#flush();
  }

  close(): Promise<void> {
    // Made before the promise of closing is kept: later calls are refused.
    const last =
      this.#pending.length === 0 || this.#closing !== null ? null : this.add(false, () => undefined);
    this.#closing ??= this.#close(last);
    return this.#closing;
  }

  async #close(last: Promise<void> | null): Promise<void> {
    await last?.catch(() => undefined);
    this.#stopPolling?.();
    this.#listeners.clear();
    this.#table.close();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    const writes = batch.some((call) => call.writes);
    try {
      const run = (): void => {
        for (const call of batch) perform(call, this.#clock.now());
      };
      if (writes) this.#table.transact(run);
      else this.#table.read(run);
    } catch (error) {
      this.#failed(batch, error);
      return;
    }
    this.#busySince = null;
    for (const call of batch) {
      if (call.isRefused) call.reject(call.answer);
      else call.resolve(call.answer);
    }
    if (writes) this.#notify(false);
  }

  #failed(batch: Call[], error: unknown): void {
    const now = this.#clock.now();
    this.#busySince ??= now;
    if (isMaiError(error) && error.code === "store.busy" && now - this.#busySince < this.#busyLimitMs) {
      this.#pending = [...batch, ...this.#pending];
      this.#scheduled = true;
      this.#clock.timer(5, () => this.#flush(), true);
      return;
    }
    this.#busySince = null;
    for (const call of batch) call.reject(error);
  }

  #notify(foreign: boolean): void {
    for (const listener of this.#listeners) listener(foreign);
  }

  #poll(): void {
    if (this.#stopPolling !== null || this.#closing !== null) return;
    this.#stopPolling = this.#clock.timer(foreignPollMs, () => {
      this.#stopPolling = null;
      if (this.#closing !== null || this.#listeners.size === 0) return;
      if (this.#table.foreignChange()) this.#notify(true);
      this.#poll();
    });
  }
}

/** Runs a call. A caller's mistake is that caller's alone; anything else takes the whole transaction back. */
function perform(call: Call, now: number): void {
  call.isRefused = false;
  try {
    call.answer = call.work(now);
  } catch (error) {
    if (!isMaiError(error) || error.code.startsWith("store.")) throw error;
    call.answer = error;
    call.isRefused = true;
  }
}

function closedError(name: string): MaiError {
  return new MaiError("store.closed", `The store ${name} is closed`, {
    hint: "Make what you need before close(), or open the store again.",
  });
}
