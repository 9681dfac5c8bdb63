/**
 * The store port over a synchronous {@link Table}. Calls made without
 * waiting in between share a transaction (group commit): many attempts that end
 * together cost one wait for the disk.
 */
import { MaiError } from "mai-orchestration-core";
import type { Clock } from "../ports/clock.ts";
import type { RunRecord, Store } from "../ports/store.ts";
import { adopt } from "./adopt.ts";
import { CallQueue } from "./call-queue.ts";
import { claim } from "./claim.ts";
import { reopen } from "./reopen.ts";
import { restore } from "./restore.ts";
import { answerApproval, append, block, cancel, inspect, settle } from "./settle.ts";
import { submit } from "./submit.ts";
import type { Table } from "./table.ts";

const journalPage = 1_000;

/**
 * Makes a store of a table. The store owns the table and closes it.
 *
 * @param busyLimitMs - how long a table that is busy is tried again before its callers are told
 * @public
 */
export function embeddedStore(table: Table, clock: Clock, busyLimitMs?: number): Store {
  return storeOver(table, new CallQueue(table, clock, busyLimitMs));
}

/**
 * What gathers the calls of a store into transactions.
 *
 * @public
 */
export interface Calls {
  /** Does `work` in the next transaction and resolves with its answer once that is durable. */
  add<T>(writes: boolean, work: (now: number) => T): Promise<T>;
  onChange(listener: (foreign: boolean) => void): () => void;
  /** Waits for calls under way; later ones are refused. */
  close(): Promise<void>;
}

/**
 * The port's methods as calls that act on the rows of a table. What is to be done is the same for every store; when it
 * is done, and in which transaction, is up to `queue`.
 *
 * @public
 */
export function storeOver(table: Table, queue: Calls): Store {
  const write = <T>(work: (now: number) => T): Promise<T> => queue.add(true, work);
  const read = <T>(work: (now: number) => T): Promise<T> => queue.add(false, work);
  return {
    name: table.name,
    submit: (run, tasks) => write((now) => submit(table, run, tasks, now)),
    claim: (request) => write((now) => claim(table, request, now)),
    renew: (worker, claims) =>
      write((now) => {
        table.saveWorker(worker, now);
        table.countRenewal(worker.workerId, now);
        return inspect(table, worker, claims);
      }),
    adopt: (ref, worker) => write((now) => adopt(table, ref, worker, now)),
    settle: (ref, outcome) => write((now) => settle(table, ref, outcome, now)),
    append: (ref, note) => write((now) => append(table, ref, note, now)),
    cancel: (runId, reason, taskIds) => write((now) => cancel(table, runId, reason, taskIds, now)),
    reopen: (runId, reason, taskIds) => write((now) => reopen(table, runId, reason, taskIds, now)),
    block: (runId, reason, taskIds) => write((now) => block(table, runId, reason, taskIds, now)),
    answerApproval: (runId, taskId, answer) =>
      write((now) => answerApproval(table, runId, taskId, answer, now)),
    note: (runId, event) =>
      write((now) => {
        const run = table.run(runId);
        if (run === undefined) throw unknownRun(runId);
        // Two engines may see the same run's end.
        if (event.type === "run.finished" && run.finishedAt !== null) return;
        table.saveRun(runAfter(run, event, now));
        if (ends.has(event.type)) table.clearDrivers(runId);
        table.addEvent(runId, null, null, event, now);
      }),
    runs: () => read(() => table.runs()),
    run: (runId) => read(() => table.run(runId)),
    tasks: (filter) => read(() => table.tasks(filter)),
    counts: (runId) => read(() => table.counts(runId)),
    held: (runId) => read(() => table.held(runId)),
    drivers: (runId) => read(() => table.drivers(runId)),
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
      return { ...run, ...ceilingOf(event), finishedAt: null, verdict: null, interruptedAt: null };
    case "run.interrupted":
      return { ...run, interruptedAt: now };
    case "run.finished":
      return { ...run, finishedAt: now, verdict: event.verdict, interruptedAt: null };
    default:
      return run;
  }
}

function ceilingOf({ maxCostUsd }: Extract<RunNote, { readonly type: "run.resumed" }>): Partial<RunRecord> {
  return maxCostUsd === undefined ? {} : { maxCostUsd };
}

/** With these, nobody drives the run any more. */
const ends: ReadonlySet<RunNote["type"]> = new Set(["run.interrupted", "run.finished"]);

function unknownRun(runId: string): MaiError {
  return new MaiError("run.not-found", `This store has no run ${runId}`, {
    hint: "`mai ps` lists its runs.",
  });
}
