/** Tables in memory: for tests and for runs that need not outlive their process. */
import {
  type Dependant,
  heldPhases,
  isHeld,
  type JournalEntry,
  type MaiEvent,
  nothingSpent,
  type Spending,
  type TaskState,
} from "mai-orchestration-core";
import type { WorkerIdentity } from "../ports/custody.ts";
import type { HeldAttempt, NewRun, RunCounts, RunRecord, TaskFilter } from "../ports/store.ts";
import { countTasks } from "./count-tasks.ts";
import { Heap } from "./heap.ts";
import { MemoryJournal } from "./memory-journal.ts";
import {
  fewWanted,
  newRunRows,
  paidAmong,
  pick,
  pushReady,
  type Row,
  type RunRows,
  readyAmong,
  rowOf,
} from "./memory-rows.ts";
import type { ReadyKey, Table } from "./table.ts";

/** Rows that live as long as somebody holds them, whatever becomes of the stores opened on them. @public */
export class MemoryTable implements Table {
  readonly name = "memory";
  readonly #runs = new Map<string, RunRows>();
  /** By sequence; a removed run leaves holes. */
  readonly #rows: (Row | undefined)[] = [];
  readonly #heldByAgent = new Map<string, number>();
  readonly #locks = new Set<string>();
  readonly #waiting = new Heap<{ readonly notBefore: number; readonly sequence: number }>(
    (a, b) => a.notBefore - b.notBefore || a.sequence - b.sequence,
  );
  readonly #workers = new Map<string, WorkerIdentity>();
  /** How often each worker has renewed. */
  readonly #renewals = new Map<string, number>();
  readonly #journal = new MemoryJournal();
  #sequence = 0;

  transact<T>(work: () => T): T {
    return work();
  }

  read<T>(work: () => T): T {
    return work();
  }

  foreignChange(): boolean {
    return false;
  }

  close(): void {
    // Nothing is held outside this process.
  }

  addRun(run: NewRun, at: number): void {
    this.#runs.set(run.runId, newRunRows(run, at, this.#journal.nextSeq));
  }

  saveRun(run: RunRecord): void {
    this.#rowsOf(run.runId).record = run;
  }

  run(runId: string): RunRecord | undefined {
    return this.#runs.get(runId)?.record;
  }

  runs(): RunRecord[] {
    return [...this.#runs.values()].map((rows) => rows.record).reverse();
  }

  removeRun(runId: string): void {
    const rows = this.#rowsOf(runId);
    for (const { task } of rows.byId.values()) {
      this.#count(rows, task, -1);
      delete this.#rows[task.sequence];
    }
    this.#runs.delete(runId);
    this.#journal.removeRun(runId);
  }

  spending(runId: string): Spending {
    return this.#runs.get(runId)?.spending ?? nothingSpent;
  }

  saveSpending(runId: string, spending: Spending): void {
    this.#rowsOf(runId).spending = spending;
  }

  nextSequence(): number {
    return ++this.#sequence;
  }

  addTask(task: TaskState, lane: string, open: number): void {
    const row = rowOf(task, lane, open);
    this.#rows[task.sequence] = row;
    const rows = this.#rowsOf(task.runId);
    rows.byId.set(task.spec.taskId, row);
    this.#count(rows, task, 1);
    if (task.phase === "ready") pushReady(rows, row);
    else this.#await(task);
  }

  addEdge(dependency: number, dependant: number): void {
    const row = this.#rows[dependency];
    if (row === undefined) return;
    if (row.dependants === null) row.dependants = [dependant];
    else row.dependants.push(dependant);
  }

  saveTask(task: TaskState, lane?: string): void {
    const row = this.#rows[task.sequence];
    if (row === undefined) return;
    const before = row.task;
    row.task = task;
    if (lane !== undefined) row.lane = lane;
    const rows = this.#rowsOf(task.runId);
    this.#count(rows, before, -1);
    this.#count(rows, task, 1);
    if (task.phase === "ready" && before.phase !== "ready") pushReady(rows, row);
    else if (task.notBefore !== before.notBefore) this.#await(task);
  }

  #await({ notBefore, sequence }: TaskState): void {
    if (notBefore !== null) this.#waiting.push({ notBefore, sequence });
  }

  #count(rows: RunRows, task: TaskState, by: 1 | -1): void {
    if (!isHeld(task) || task.agentId === null) return;
    rows.held += by;
    this.#heldByAgent.set(task.agentId, this.heldByAgent(task.agentId) + by);
    for (const lock of task.spec.locks ?? []) {
      if (by === 1) this.#locks.add(lock);
      else this.#locks.delete(lock);
    }
  }

  task(runId: string, taskId: string): TaskState | undefined {
    return this.#runs.get(runId)?.byId.get(taskId)?.task;
  }

  taskAt(sequence: number): TaskState | undefined {
    return this.#rows[sequence]?.task;
  }

  tasks(filter: TaskFilter): TaskState[] {
    const rows = this.#runs.get(filter.runId)?.byId;
    if (rows === undefined || filter.limit === 0) return [];
    const found: TaskState[] = [];
    const candidates = filter.taskIds === undefined ? rows.values() : pick(rows, filter.taskIds);
    for (const { task } of candidates) {
      if (filter.phases !== undefined && !filter.phases.includes(task.phase)) continue;
      if (filter.afterSequence !== undefined && task.sequence <= filter.afterSequence) continue;
      found.push(task);
      if (found.length === filter.limit) break;
    }
    return found;
  }

  counts(runId: string): RunCounts {
    const rows = this.#runs.get(runId)?.byId.values() ?? [];
    return countTasks([...rows].map((row) => row.task));
  }

  release(dependency: number): Dependant[] {
    return this.#eachDependant(dependency, (row) => --row.open);
  }

  dependants(dependency: number): Dependant[] {
    return this.#eachDependant(dependency, (row) => row.open);
  }

  #eachDependant(dependency: number, open: (row: Row) => number): Dependant[] {
    const sequences = this.#rows[dependency]?.dependants;
    if (!sequences) return [];
    return sequences.flatMap((sequence) => {
      const row = this.#rows[sequence];
      return row === undefined ? [] : [{ sequence, open: open(row) }];
    });
  }

  lanes(runId: string): readonly string[] {
    const lanes = this.#runs.get(runId)?.lanes;
    return lanes === undefined ? [] : [...lanes.keys()];
  }

  ready(runId: string, lane: string, limit: number, wanted?: ReadonlySet<string>): ReadyKey[] {
    const rows = this.#runs.get(runId);
    const found = rows?.lanes.get(lane);
    if (rows === undefined || found === undefined) return [];
    if (wanted !== undefined && wanted.size <= fewWanted) return readyAmong(rows, lane, limit, wanted);
    return found.first(limit, wanted);
  }

  due(now: number): number[] {
    const due: number[] = [];
    for (
      let next = this.#firstWaiting();
      next !== undefined && next.notBefore <= now;
      next = this.#firstWaiting()
    ) {
      due.push(next.sequence);
      this.#waiting.pop();
    }
    return due;
  }

  nextWakeAt(): number | null {
    return this.#firstWaiting()?.notBefore ?? null;
  }

  #firstWaiting(): { readonly notBefore: number; readonly sequence: number } | undefined {
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      const task = this.taskAt(next.sequence);
      const waits = task?.phase === "retry-wait" || task?.phase === "quota-wait";
      if (waits && task.notBefore === next.notBefore) return next;
      this.#waiting.pop();
    }
    return undefined;
  }

  heldByAgent(agentId: string): number {
    return this.#heldByAgent.get(agentId) ?? 0;
  }

  paidInRun(runId: string): number {
    return paidAmong(this.held(runId));
  }

  heldInRun(runId: string): number {
    return this.#runs.get(runId)?.held ?? 0;
  }

  heldLocks(): ReadonlySet<string> {
    return this.#locks;
  }

  held(runId?: string): HeldAttempt[] {
    if (runId === undefined) return [...this.#runs.keys()].flatMap((id) => this.held(id));
    return this.tasks({ runId, phases: heldPhases }).flatMap((task) => {
      const worker = task.workerId === null ? undefined : this.#workers.get(task.workerId);
      if (worker === undefined) return [];
      const { workerId } = worker;
      const claim = { runId, taskId: task.spec.taskId, attempt: task.attempt, workerId, task };
      return [{ claim, worker, renewals: this.#renewals.get(workerId) ?? 0 }];
    });
  }

  addDriver(runId: string, workerId: string): void {
    this.#runs.get(runId)?.drivers.add(workerId);
  }

  clearDrivers(runId: string): void {
    this.#runs.get(runId)?.drivers.clear();
  }

  drivers(runId: string): WorkerIdentity[] {
    return [...(this.#runs.get(runId)?.drivers ?? [])].flatMap((id) => this.#workers.get(id) ?? []);
  }

  saveWorker(worker: WorkerIdentity): void {
    this.#workers.set(worker.workerId, worker);
  }

  countRenewal(workerId: string): void {
    this.#renewals.set(workerId, (this.#renewals.get(workerId) ?? 0) + 1);
  }

  addEvent(
    runId: string,
    taskId: string | null,
    _sequence: number | null,
    event: MaiEvent,
    at: number,
  ): void {
    this.#journal.add(runId, taskId, event, at);
  }

  journal(afterSeq: number, runId: string | undefined, limit: number): JournalEntry[] {
    return this.#journal.page(afterSeq, runId, limit);
  }

  #rowsOf(runId: string): RunRows {
    const rows = this.#runs.get(runId);
    if (rows === undefined) throw new Error(`Broken invariant: run ${runId} is in the table`);
    return rows;
  }
}
