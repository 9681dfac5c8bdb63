/** The tables of an embedded store in one SQLite file, which several processes may share. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type Dependant,
  demandOfLane,
  isStillPaid,
  type JournalEntry,
  type MaiEvent,
  nothingSpent,
  type Spending,
  type TaskState,
} from "mai-orchestration-core";
import type {
  HeldAttempt,
  NewRun,
  RunCounts,
  RunRecord,
  TaskFilter,
  WorkerIdentity,
} from "mai-orchestration-engine";
import type { ReadyKey, Table } from "mai-orchestration-engine/store";
import { rollback, storeError } from "./database.ts";
import { EventWriter } from "./event-writer.ts";
import { Memo } from "./memo.ts";
import { prepared } from "./prepared.ts";
import { ReadyLane } from "./ready-lane.ts";
import { changingValues, dependantOf, entryOf, heldOf, taskOf, taskOrNone } from "./rows.ts";
import { countsOf, newRunValues, runOf, workerOf } from "./run-rows.ts";
import { removeRun, statements } from "./statements.ts";
import { TaskQuery } from "./task-query.ts";

/** @internal */
export class SqliteTable implements Table {
  readonly name: string;
  readonly #db: DatabaseSync;
  readonly #sql: Readonly<Record<keyof typeof statements, StatementSync>>;
  readonly #events: EventWriter;
  readonly #ready: ReadyLane;
  readonly #query: TaskQuery;
  readonly #memo: Memo = new Memo();
  #version: number;
  #sequence = 0;

  constructor(db: DatabaseSync, path: string) {
    this.name = path;
    this.#db = db;
    this.#sql = prepared(db, statements);
    this.#events = new EventWriter(db);
    this.#ready = new ReadyLane(db);
    this.#query = new TaskQuery(db);
    this.#version = this.#dataVersion();
  }

  transact<T>(work: () => T): T {
    try {
      this.#sql.begin.run();
    } catch (error) {
      throw storeError(error, this.name);
    }
    try {
      const isOurs = this.#memo.isOf(this.#dataVersion());
      if (!isOurs) this.#sequence = Number(this.#sql.lastSequence.get()?.["id"] ?? 0);
      this.#events.begin(isOurs);
      const value = work();
      this.#events.flush();
      this.#sql.commit.run();
      return value;
    } catch (error) {
      this.#memo.clear();
      rollback(this.#db);
      throw storeError(error, this.name);
    }
  }

  read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeError(error, this.name);
    }
  }

  /** `false` while the file cannot be read: asked again, it tells what happened meanwhile. */
  foreignChange(): boolean {
    let version: number;
    try {
      version = this.#dataVersion();
    } catch {
      return false;
    }
    const changed = version !== this.#version;
    this.#version = version;
    return changed;
  }

  close(): void {
    this.#db.close();
  }

  addRun(run: NewRun, at: number): void {
    this.#sql.addRun.run(...newRunValues(run), at, this.#events.nextSeq);
  }

  saveRun(run: RunRecord): void {
    this.#sql.saveRun.run(run.maxCostUsd ?? null, run.finishedAt, run.verdict, run.interruptedAt, run.runId);
  }

  run(runId: string): RunRecord | undefined {
    const row = this.#sql.run.get(runId);
    return row === undefined ? undefined : runOf(row);
  }

  runs(): RunRecord[] {
    return this.#sql.runs.all().map(runOf);
  }

  removeRun(runId: string): void {
    const row = this.#rowOfRun(runId);
    this.#events.flush();
    this.#sql.keepFloors.run();
    for (const sql of removeRun) this.#db.prepare(sql).run(row);
    this.#memo.clear();
  }

  spending(runId: string): Spending {
    return (this.#sql.spending.get(runId) as unknown as Spending | undefined) ?? nothingSpent;
  }

  saveSpending(runId: string, { spentUsd, largestUsd }: Spending): void {
    this.#sql.saveSpending.run(spentUsd, largestUsd, runId);
  }

  nextSequence(): number {
    return ++this.#sequence;
  }

  addTask(task: TaskState, lane: string, open: number): void {
    const run = this.#rowOfRun(task.runId);
    const { spec, sequence } = task;
    this.#sql.addSpec.run(sequence, run, spec.taskId, JSON.stringify(spec));
    const laneRow = this.#laneRow(run, lane);
    const answerSeq = this.#memo.takeAnswer(sequence);
    this.#sql.addTask.run(sequence, run, laneRow, task.behindMs, open, answerSeq, ...changingValues(task));
  }

  addEdge(dependency: number, dependant: number): void {
    this.#memo.anyEdge = true;
    this.#sql.addEdge.run(dependency, dependant);
  }

  saveTask(task: TaskState, lane?: string): void {
    const { sequence } = task;
    const keepsAnswer = task.answer === null ? 0 : 1;
    const answerSeq = this.#memo.takeAnswer(sequence);
    this.#sql.saveTask.run(...changingValues(task), answerSeq, keepsAnswer, sequence);
    this.#memo.saved(task);
    if (lane !== undefined) this.#sql.moveTask.run(this.#laneRow(this.#rowOfRun(task.runId), lane), sequence);
  }

  task(runId: string, taskId: string): TaskState | undefined {
    const known = this.#memo.held(runId, taskId);
    if (known !== undefined) return known;
    this.#events.flushAnswers();
    return taskOrNone(this.#sql.task.get(runId, taskId));
  }

  taskAt(sequence: number): TaskState | undefined {
    this.#events.flushAnswers(sequence);
    return taskOrNone(this.#sql.taskAt.get(sequence));
  }

  tasks(filter: TaskFilter): TaskState[] {
    this.#events.flushAnswers();
    return this.#query.all(filter).map(taskOf);
  }

  counts(runId: string): RunCounts {
    return countsOf(this.#sql.counts.all(runId));
  }

  release(dependency: number): Dependant[] {
    if (!this.#hasEdges()) return [];
    return this.#sql.release.all(dependency).map(dependantOf);
  }

  dependants(dependency: number): Dependant[] {
    if (!this.#hasEdges()) return [];
    return this.#sql.dependants.all(dependency).map(dependantOf);
  }

  lanes(runId: string): readonly string[] {
    return this.#sql.lanes.all(runId).map((row) => row["lane"] as string);
  }

  ready(runId: string, lane: string, limit: number, wanted?: ReadonlySet<string>): ReadyKey[] {
    const run = this.#rowOfRun(runId);
    return this.#ready.first(run, this.#laneRow(run, lane), limit, wanted);
  }

  due(now: number): number[] {
    return this.#sql.due.all(now).map((row) => row["id"] as number);
  }

  nextWakeAt(): number | null {
    return (this.#sql.nextWakeAt.get()?.["at"] ?? null) as number | null;
  }

  heldByAgent(agentId: string): number {
    return Number(this.#sql.heldByAgent.get(agentId)?.["count"]);
  }

  heldInRun(runId: string): number {
    return Number(this.#sql.heldInRun.get(this.#rowOfRun(runId))?.["count"]);
  }

  paidInRun(runId: string): number {
    return this.held(runId).filter(({ claim }) => isStillPaid(claim.task)).length;
  }

  heldLocks(): ReadonlySet<string> {
    if (this.#sql.anyLock.get()?.["any"] === 0) return noLocks;
    const specs = this.#sql.heldLocks.all().map((row) => JSON.parse(row["spec"] as string));
    return new Set(specs.flatMap((spec: { locks?: string[] }) => spec.locks ?? []));
  }

  held(runId?: string): HeldAttempt[] {
    this.#events.flushAnswers();
    return this.#sql.held.all(runId ?? null).map(heldOf);
  }

  addDriver(runId: string, workerId: string): void {
    const run = this.#rowOfRun(runId);
    if (run > 0 && this.#memo.isNewDriver(run, workerId)) this.#sql.addDriver.run(run, workerId);
  }

  clearDrivers(runId: string): void {
    this.#memo.forgetDrivers();
    this.#sql.clearDrivers.run(this.#rowOfRun(runId));
  }

  drivers(runId: string): WorkerIdentity[] {
    return this.#sql.drivers.all(runId).map(workerOf);
  }

  saveWorker(worker: WorkerIdentity, at: number): void {
    this.#sql.saveWorker.run(worker.workerId, worker.pid, worker.started, worker.host, at);
  }

  countRenewal(workerId: string, at: number): void {
    this.#sql.countRenewal.run(at, workerId);
  }

  addEvent(
    runId: string,
    _taskId: string | null,
    sequence: number | null,
    event: MaiEvent,
    at: number,
  ): void {
    const seq = this.#events.add(this.#rowOfRun(runId), sequence, event, at);
    if (sequence !== null && "answer" in event && event.answer !== null) this.#memo.answered(sequence, seq);
  }

  journal(afterSeq: number, runId: string | undefined, limit: number): JournalEntry[] {
    this.#events.flush();
    const rows =
      runId === undefined
        ? this.#sql.journal.all(afterSeq, limit)
        : this.#sql.journalOfRun.all(runId, afterSeq, limit);
    return rows.map(entryOf);
  }

  #hasEdges(): boolean {
    this.#memo.anyEdge ??= this.#sql.anyEdge.get()?.["any"] === 1;
    return this.#memo.anyEdge;
  }

  #laneRow(run: number, lane: string): number {
    return this.#memo.lane(run, lane, () => {
      const locks = demandOfLane(lane).locks.length > 0 ? 1 : 0;
      this.#sql.addLane.run(run, lane, locks);
      return this.#sql.lane.get(run, lane)?.["id"] as number;
    });
  }

  #rowOfRun(runId: string): number {
    return this.#memo.run(runId, () => Number(this.#sql.run.get(runId)?.["id"] ?? 0));
  }

  #dataVersion(): number {
    return Number(this.#sql.dataVersion.get()?.["data_version"]);
  }
}

const noLocks: ReadonlySet<string> = new Set();
