/**
 * The store port over a synchronous {@link Table}. All calls of one turn of the
 * event loop share a transaction (group commit): many attempts that end
 * together cost one wait for the disk.
 */
import { isMaiError, MaiError } from "mai-orchestration-core";
import type { Clock } from "../ports/clock.ts";
import type { RunRecord, Store } from "../ports/store.ts";
import { claim } from "./claim.ts";
import { restore } from "./restore.ts";
import { append, block, cancel, inspect, settle } from "./settle.ts";
import { submit } from "./submit.ts";
import type { Table } from "./table.ts";

/** How long a locked file is tried again before its callers are told. */
const busyLimitMs = 60_000;
const foreignPollMs = 100;
const journalPage = 1_000;

interface Call {
  readonly writes: boolean;
  readonly work: (now: number) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Makes a store of a table. The store owns the table and closes it. @public */
export function embeddedStore(table: Table, clock: Clock): Store {
  const queue = new CallQueue(table, clock);
  const write = <T>(work: (now: number) => T): Promise<T> => queue.add(true, work);
  const read = <T>(work: (now: number) => T): Promise<T> => queue.add(false, work);
  return {
    name: table.name,
    submit: (run, tasks) => write((now) => submit(table, run, tasks, now)),
    claim: (request) => write((now) => claim(table, request, now)),
    renew: (worker, claims) =>
      write((now) => {
        table.saveWorker(worker, now);
        return inspect(table, claims);
      }),
    settle: (ref, outcome) => write((now) => settle(table, ref, outcome, now)),
    append: (ref, note) => write((now) => append(table, ref, note, now)),
    cancel: (runId, reason, taskIds) => write((now) => cancel(table, runId, reason, taskIds, now)),
    block: (runId, reason, taskIds) => write((now) => block(table, runId, reason, taskIds, now)),
    note: (runId, event) =>
      write((now) => {
        const run = table.run(runId);
        if (run === undefined) throw unknownRun(runId);
        // Two engines may see the same run's end.
        if (event.type === "run.finished" && run.finishedAt !== null) return;
        table.saveRun(runAfter(run, event, now));
        table.addEvent(runId, null, null, event, now);
      }),
    runs: () => read(() => table.runs()),
    run: (runId) => read(() => table.run(runId)),
    tasks: (filter) => read(() => table.tasks(filter)),
    counts: (runId) => read(() => table.counts(runId)),
    held: (runId) => read(() => table.held(runId)),
    journal: (afterSeq, options) =>
      read(() => table.journal(afterSeq, options?.runId, options?.limit ?? journalPage)),
    onChange: (listener) => queue.onChange(listener),
    restore: (run, journal) => write((now) => restore(table, run, journal, now)),
    prune: (finishedBefore) =>
      write(() => {
        const old = table.runs().filter((run) => run.finishedAt !== null && run.finishedAt < finishedBefore);
        for (const run of old) table.removeRun(run.runId);
        return old.map((run) => run.runId);
      }),
    close: () => queue.close(),
  };
}

type RunNote = Parameters<Store["note"]>[1];

function runAfter(run: RunRecord, event: RunNote, now: number): RunRecord {
  switch (event.type) {
    case "run.resumed":
      return { ...run, finishedAt: null, verdict: null, interruptedAt: null };
    case "run.interrupted":
      return { ...run, interruptedAt: now };
    case "run.finished":
      return { ...run, finishedAt: now, verdict: event.verdict, interruptedAt: null };
  }
}

function unknownRun(runId: string): MaiError {
  return new MaiError("run.not-found", `This store has no run ${runId}`, { hint: "`mai ps` lists its runs." });
}

/** Calls waiting for the next transaction, and those who want to hear of one. */
class CallQueue {
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
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const batch = this.#pending;
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
