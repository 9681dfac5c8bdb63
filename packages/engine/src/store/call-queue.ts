/** Group commit: the calls of one turn of the event loop, in one transaction. */
import { isMaiError, MaiError } from "mai-orchestration-core";
import type { Clock } from "../ports/clock.ts";
import type { Table } from "./table.ts";

/** How long a locked file is tried again before its callers are told. */
const busyLimitMs = 60_000;
const foreignPollMs = 100;

interface Call {
  readonly writes: boolean;
  readonly work: (now: number) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Calls waiting for the next transaction, and those who want to hear of one. */
export class CallQueue {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #listeners = new Set<(foreign: boolean) => void>();
  #pending: Call[] = [];
  #scheduled = false;
  #closed = false;
  #busySince: number | null = null;
  #stopPolling: (() => void) | null = null;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  add<T>(writes: boolean, work: (now: number) => T): Promise<T> {
    if (this.#closed) return Promise.reject(closedError(this.#table.name));
    return new Promise<T>((resolve, reject) => {
      this.#pending.push({ writes, work, resolve: resolve as (value: unknown) => void, reject });
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

  async close(): Promise<void> {
    if (this.#closed) return;
    const last = this.#pending.length === 0 ? undefined : this.add(false, () => undefined);
    this.#closed = true;
    await last?.catch(() => undefined);
    this.#stopPolling?.();
    this.#listeners.clear();
    this.#table.close();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.soon(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    const writes = batch.some((call) => call.writes);
    let answers: (() => void)[];
    try {
      const run = (): (() => void)[] => batch.map((call) => perform(call, this.#clock.now()));
      answers = writes ? this.#table.transact(run) : run();
    } catch (error) {
      this.#failed(batch, error);
      return;
    }
    this.#busySince = null;
    // Said only now, after the commit that makes it true.
    for (const answer of answers) answer();
    if (writes) this.#notify(false);
  }

  #failed(batch: Call[], error: unknown): void {
    const now = this.#clock.now();
    this.#busySince ??= now;
    if (isMaiError(error) && error.code === "store.busy" && now - this.#busySince < busyLimitMs) {
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
    if (this.#stopPolling !== null || this.#closed) return;
    this.#stopPolling = this.#clock.timer(foreignPollMs, () => {
      this.#stopPolling = null;
      if (this.#closed || this.#listeners.size === 0) return;
      if (this.#table.foreignChange()) this.#notify(true);
      this.#poll();
    });
  }
}

/** Runs a call. A caller's mistake is that caller's alone; anything else takes the whole transaction back. */
function perform(call: Call, now: number): () => void {
  try {
    const value = call.work(now);
    return () => call.resolve(value);
  } catch (error) {
    if (!isMaiError(error) || error.code.startsWith("store.")) throw error;
    return () => call.reject(error);
  }
}

function closedError(name: string): MaiError {
  return new MaiError("store.closed", `The store ${name} is closed`, {
    hint: "Make what you need before close(), or open the store again.",
  });
}
