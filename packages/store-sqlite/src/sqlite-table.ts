/** The tables of an embedded store in one SQLite file, which several processes may share. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Dependant, JournalEntry, MaiEvent, TaskState } from "mai-orchestration-core";
import type {
  HeldAttempt,
  NewRun,
  ReadyKey,
  RunCounts,
  RunRecord,
  Table,
  TaskFilter,
  WorkerIdentity,
} from "mai-orchestration-engine";
import { storeError } from "./database.ts";
import { EventWriter } from "./event-writer.ts";
import { ReadyLane } from "./ready-lane.ts";
import { countsOf, detailOf, entryOf, type Row, runOf, taskColumns, taskOf } from "./rows.ts";
import { statements } from "./statements.ts";
import { conditionsOf } from "./task-filter.ts";

/** @internal */
export class SqliteTable implements Table {
  readonly name: string;
  readonly #db: DatabaseSync;
  readonly #sql: ReturnType<typeof statements>;
  readonly #events: EventWriter;
  readonly #ready: ReadyLane;
  readonly #prepared = new Map<string, StatementSync>();
  /** Row numbers of runs, and lanes known to be in the file. Both only grow while a run exists. */
  readonly #runRows = new Map<string, number>();
  readonly #lanes = new Set<string>();
  #sequence: number | null = null;
  #version: number;

  constructor(db: DatabaseSync, path: string) {
    this.name = path;
    this.#db = db;
    this.#sql = statements(db);
    this.#events = new EventWriter(db);
    this.#ready = new ReadyLane(db);
    this.#version = this.#dataVersion();
  }

  transact<T>(work: () => T): T {
    try {
      this.#db.exec("BEGIN IMMEDIATE");
    } catch (error) {
      throw storeError(error, this.name);
    }
    try {
      // Another process may have numbered tasks and events since.
      this.#sequence = null;
      this.#events.begin();
      const value = work();
      this.#events.flush();
      this.#db.exec("COMMIT");
      return value;
    } catch (error) {
      this.#runRows.clear();
      this.#lanes.clear();
      // A full disk may have rolled back already.
      if (this.#db.isTransaction ?? true) tryRollback(this.#db);
      throw storeError(error, this.name);
    }
  }

  foreignChange(): boolean {
    const version = this.#dataVersion();
    const changed = version !== this.#version;
    this.#version = version;
    return changed;
  }

  close(): void {
    this.#db.close();
  }

  addRun(run: NewRun, at: number): void {
    const { runId, name, root, parallel, failFast, timeoutMs, sharedChecks } = run;
    this.#sql.addRun.run(
      runId,
      name,
      root,
      parallel,
      failFast ? 1 : 0,
      timeoutMs,
      sharedChecks ? 1 : 0,
      at,
      this.#events.nextSeq,
    );
  }

  saveRun(run: RunRecord): void {
    this.#sql.saveRun.run(run.finishedAt, run.verdict, run.interruptedAt, run.runId);
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
    for (const statement of this.#sql.removeRun) statement.run(row);
    this.#runRows.delete(runId);
    this.#lanes.clear();
  }

  nextSequence(): number {
    this.#sequence ??= Number(this.#sql.lastSequence.get()?.["id"] ?? 0);
    return ++this.#sequence;
  }

  addTask(task: TaskState, lane: string, open: number): void {
    const run = this.#rowOfRun(task.runId);
    const { spec } = task;
    this.#addLane(run, lane);
    this.#sql.addTask.run(
      task.sequence,
      run,
      spec.taskId,
      lane,
      task.phase,
      task.behindMs,
      task.serveDay,
      open,
      task.end?.verdict ?? null,
      spec.locks === undefined ? 0 : 1,
      JSON.stringify(spec),
      detailOf(task),
    );
  }

  addEdge(dependency: number, dependant: number): void {
    this.#sql.addEdge.run(dependency, dependant);
  }

  saveTask(task: TaskState, lane?: string): void {
    this.#sql.saveTask.run(
      task.phase,
      task.serveDay,
      task.attempt,
      task.failures,
      task.losses,
      task.maxAttempts,
      task.agentId,
      task.workerId,
      task.startedAt,
      task.notBefore,
      task.end?.verdict ?? null,
      detailOf(task),
      task.sequence,
    );
    if (lane === undefined) return;
    this.#addLane(this.#rowOfRun(task.runId), lane);
    this.#sql.moveTask.run(lane, task.sequence);
  }

  task(runId: string, taskId: string): TaskState | undefined {
    const row = this.#sql.task.get(runId, taskId);
    return row === undefined ? undefined : taskOf(row);
  }

  taskAt(sequence: number): TaskState | undefined {
    const row = this.#sql.taskAt.get(sequence);
    return row === undefined ? undefined : taskOf(row);
  }

  tasks(filter: TaskFilter): TaskState[] {
    const { clauses, values } = conditionsOf(filter);
    const sql = `SELECT ${taskColumns} FROM tasks t JOIN runs r ON r.id = t.run
      WHERE ${clauses.join(" AND ")} ORDER BY t.id LIMIT ?`;
    return this.#prepare(sql)
      .all(...values, filter.limit ?? -1)
      .map(taskOf);
  }

  counts(runId: string): RunCounts {
    return countsOf(this.#sql.counts.all(runId));
  }

  release(dependency: number): Dependant[] {
    return this.#sql.release.all(dependency).map(dependantOf);
  }

  dependants(dependency: number): Dependant[] {
    return this.#sql.dependants.all(dependency).map(dependantOf);
  }

  lanes(runId: string): readonly string[] {
    return this.#sql.lanes.all(runId).map((row) => row["lane"] as string);
  }

  ready(runId: string, lane: string, limit: number, wanted?: ReadonlySet<string>): ReadyKey[] {
    return this.#ready.first(this.#rowOfRun(runId), lane, limit, wanted);
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

  heldLocks(): ReadonlySet<string> {
    const specs = this.#sql.heldLocks.all().map((row) => JSON.parse(row["spec"] as string));
    return new Set(specs.flatMap((spec: { locks?: string[] }) => spec.locks ?? []));
  }

  held(runId: string): HeldAttempt[] {
    return this.#sql.held.all(runId).map((row) => {
      const task = taskOf(row);
      const { workerId, pid, started, host } = row as unknown as WorkerIdentity;
      const claim = { runId, taskId: task.spec.taskId, attempt: task.attempt, task };
      return { claim, worker: { workerId, pid, started, host } };
    });
  }

  saveWorker(worker: WorkerIdentity, at: number): void {
    this.#sql.saveWorker.run(worker.workerId, worker.pid, worker.started, worker.host, at);
  }

  addEvent(
    runId: string,
    _taskId: string | null,
    sequence: number | null,
    event: MaiEvent,
    at: number,
  ): void {
    this.#events.add(this.#rowOfRun(runId), sequence, event, at);
  }

  journal(afterSeq: number, runId: string | undefined, limit: number): JournalEntry[] {
    const rows =
      runId === undefined
        ? this.#sql.journal.all(afterSeq, limit)
        : this.#sql.journalOfRun.all(runId, afterSeq, limit);
    return rows.map(entryOf);
  }

  #addLane(run: number, lane: string): void {
    const key = `${run} ${lane}`;
    if (this.#lanes.has(key)) return;
    this.#sql.addLane.run(run, lane);
    this.#lanes.add(key);
  }

  #rowOfRun(runId: string): number {
    const known = this.#runRows.get(runId);
    if (known !== undefined) return known;
    const row = Number(this.#sql.run.get(runId)?.["id"] ?? 0);
    if (row > 0) this.#runRows.set(runId, row);
    return row;
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  #dataVersion(): number {
    return Number(this.#sql.dataVersion.get()?.["data_version"]);
  }
}

function dependantOf(row: Row): Dependant {
  return { sequence: row["id"] as number, open: row["open"] as number };
}

function tryRollback(db: DatabaseSync): void {
  try {
    db.exec("ROLLBACK");
  } catch {
    // SQLite has rolled back by itself.
  }
}
