/**
 * What an embedded store stands on: synchronous tables that keep, order and
 * count. No rule about tasks is here; see `apply.ts` for where the rules act.
 */
import type { Dependant, JournalEntry, MaiEvent, SortKey, Spending, TaskState } from "mai-orchestration-core";
import type { WorkerIdentity } from "../ports/custody.ts";
import type { HeldAttempt, NewRun, RunCounts, RunRecord, TaskFilter } from "../ports/store.ts";

/** A ready task as the scheduler first sees it. @public */
export type ReadyKey = SortKey;

/** What a database must offer so that {@link embeddedStore} can make a store of it. @public */
export interface Table {
  /** How a person names it: `memory` or a path. */
  readonly name: string;

  /** Runs `work` so that all it writes becomes durable, or nothing. Throws `store.busy` when it must be tried again later. */
  transact<T>(work: () => T): T;
  /** Runs `work`, which only reads. Throws `store.busy` when it must be tried again later. */
  read<T>(work: () => T): T;
  /** Whether another process has written since this was last asked. */
  foreignChange(): boolean;
  close(): void;

  addRun(run: NewRun, at: number): void;
  saveRun(run: RunRecord): void;
  run(runId: string): RunRecord | undefined;
  /** Newest first. */
  runs(): RunRecord[];
  removeRun(runId: string): void;
  /** What the run has spent; nothing for one that was just added. */
  spending(runId: string): Spending;
  saveSpending(runId: string, spending: Spending): void;

  /** The next number in the order of submission; each call gives another. */
  nextSequence(): number;
  /**
   * To be called after its events were added, as is `saveTask`.
   *
   * @param open - how many of its dependencies have not succeeded
   */
  addTask(task: TaskState, lane: string, open: number): void;
  /** Both tasks were added before. */
  addEdge(dependency: number, dependant: number): void;
  /** @param lane - its new lane, when that changed */
  saveTask(task: TaskState, lane?: string): void;
  task(runId: string, taskId: string): TaskState | undefined;
  taskAt(sequence: number): TaskState | undefined;
  /** In order of submission. */
  tasks(filter: TaskFilter): TaskState[];
  counts(runId: string): RunCounts;

  /** Counts one dependency of each dependant as succeeded and says how many each has left. */
  release(dependency: number): Dependant[];
  /** The dependants, their counts unchanged. */
  dependants(dependency: number): Dependant[];

  /** The names of the run's lanes that may hold ready tasks. */
  lanes(runId: string): readonly string[];
  /** The first ready tasks of a lane, in the order of their keys. */
  ready(runId: string, lane: string, limit: number, wanted?: ReadonlySet<string>): ReadyKey[];
  /** Waiting tasks that may be tried again by `now`, as sequences. */
  due(now: number): number[];
  nextWakeAt(): number | null;
  /** Running attempts of an agent, in all runs and engines. */
  heldByAgent(agentId: string): number;
  heldInRun(runId: string): number;
  /** Attempts of the run that have not said yet what they cost; `isStillPaid` of core tells which. */
  paidInRun(runId: string): number;
  /** Locks of running attempts. */
  heldLocks(): ReadonlySet<string>;
  /** Of one run, or of all. */
  held(runId?: string): HeldAttempt[];
  /** Remembers that a worker drives a run. Changes nothing, and writes nothing, when that is known. */
  addDriver(runId: string, workerId: string): void;
  /** Nobody drives the run any more. */
  clearDrivers(runId: string): void;
  drivers(runId: string): WorkerIdentity[];

  saveWorker(worker: WorkerIdentity, at: number): void;
  /** Counts one renewal of a worker that was saved. */
  countRenewal(workerId: string, at: number): void;

  /** @param sequence - the task's; `null` for a fact about the run */
  addEvent(runId: string, taskId: string | null, sequence: number | null, event: MaiEvent, at: number): void;
  journal(afterSeq: number, runId: string | undefined, limit: number): JournalEntry[];
}
