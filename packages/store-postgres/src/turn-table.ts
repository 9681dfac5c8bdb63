/**
 * The table on which the calls of one turn act: what the database said, and over it what this turn has changed. A turn
 * is played on it as often as something is missing, each time from the start, and written at once when nothing is.
 */
import {
  compareKeys,
  type Dependant,
  demandOfLane,
  heldPhases,
  invariant,
  type MaiEvent,
  nothingSpent,
  type Spending,
  type TaskState,
} from "mai-orchestration-core";
import type { NewRun, RunRecord, TaskFilter, WorkerIdentity } from "mai-orchestration-engine";
import type { ReadyKey, Table } from "mai-orchestration-engine/store";
import { type ChangedTask, Changes } from "./changes.ts";
import { Facts, filterKey, idKey, Missing, matches, readyKey } from "./facts.ts";
import type { TaskRow } from "./rows.ts";
import { UnaskedTable } from "./unasked-table.ts";

const firstWaiting = 64;

export class TurnTable extends UnaskedTable implements Table {
  readonly name: string;
  facts: Facts = new Facts();
  changes: Changes = new Changes();

  constructor(name: string) {
    super();
    this.name = name;
  }

  /** Forgets what was changed, so that the turn can be played once more. */
  rewind(): void {
    this.changes = new Changes();
  }

  /** Forgets everything: another transaction begins. */
  reset(): void {
    this.facts = new Facts();
    this.rewind();
  }

  addRun(run: NewRun, at: number): void {
    const record = {
      ...run,
      createdAt: at,
      firstSeq: 0,
      finishedAt: null,
      verdict: null,
      interruptedAt: null,
    };
    this.changes.newRuns.set(run.runId, record);
  }

  saveRun(run: RunRecord): void {
    if (this.changes.newRuns.has(run.runId)) this.changes.newRuns.set(run.runId, run);
    else this.changes.savedRuns.set(run.runId, run);
  }

  run(runId: string): RunRecord | undefined {
    const changed = this.changes.newRuns.get(runId) ?? this.changes.savedRuns.get(runId);
    return changed ?? this.#knownRun(runId)?.record;
  }

  spending(runId: string): Spending {
    return this.changes.spendings.get(runId) ?? this.#knownRun(runId)?.spending ?? nothingSpent;
  }

  saveSpending(runId: string, spending: Spending): void {
    this.changes.spendings.set(runId, spending);
  }

  nextSequence(): number {
    const { sequences } = this.facts;
    const used = this.changes.sequences;
    if (sequences === null || used >= sequences.count)
      throw new Missing({ type: "sequences", count: 2 * used + 1 });
    this.changes.sequences++;
    return sequences.first + used;
  }

  addTask(task: TaskState, lane: string, open: number): void {
    this.changes.add(task, lane, open);
  }

  addEdge(dependency: number, dependant: number): void {
    this.changes.edges.push([dependency, dependant]);
    // A settlement of the dependency that has read its dependants already notices by this that it has one more.
    const known = this.#current(dependency);
    if (known !== undefined) this.changes.save(known, known.task, { dependants: known.dependants + 1 });
  }

  saveTask(task: TaskState, lane?: string): void {
    const current = this.#current(task.sequence);
    invariant(current !== undefined, "what is saved was read or added before");
    this.changes.save(current, task, lane === undefined ? {} : { lane });
  }

  task(runId: string, taskId: string): TaskState | undefined {
    const key = idKey(runId, taskId);
    const added = this.changes.added.get(key);
    if (added !== undefined) return this.#current(added)?.task;
    // A run that this turn opened has no tasks but those it added.
    if (this.changes.newRuns.has(runId)) return undefined;
    const sequence = this.facts.ids.get(key);
    if (sequence === undefined) throw new Missing({ type: "task", runId, taskId });
    return sequence === null ? undefined : this.#current(sequence)?.task;
  }

  taskAt(sequence: number): TaskState | undefined {
    return this.#current(sequence)?.task;
  }

  tasks(filter: TaskFilter): TaskState[] {
    const found = this.facts.filtered.get(filterKey(filter));
    if (found === undefined && !this.changes.newRuns.has(filter.runId))
      throw new Missing({ type: "tasks", filter });
    const sequences = new Set([...(found ?? []), ...this.changes.tasks.keys()]);
    const tasks = [...sequences].flatMap((sequence) => this.taskAt(sequence) ?? []);
    return tasks.filter((task) => matches(task, filter)).sort((a, b) => a.sequence - b.sequence);
  }

  release(dependency: number): Dependant[] {
    return this.#dependants(dependency).map(([sequence, row]) => {
      const open = row.open - 1;
      this.changes.save(row, row.task, { open });
      return { sequence, open };
    });
  }

  dependants(dependency: number): Dependant[] {
    return this.#dependants(dependency).map(([sequence, { open }]) => ({ sequence, open }));
  }

  lanes(runId: string): readonly string[] {
    const known = this.#knownRun(runId) === null ? [] : this.facts.lanes.get(runId);
    if (known === undefined) throw new Missing({ type: "lanes", runId });
    const changed = [...this.changes.tasks.values()].filter(({ task }) => task.runId === runId);
    return [...new Set([...known, ...changed.map(({ lane }) => lane)])];
  }

  ready(runId: string, lane: string, limit: number, wanted?: ReadonlySet<string>): ReadyKey[] {
    const isOurs = ({ task, lane: of }: ChangedTask | TaskRow): boolean =>
      task.phase === "ready" &&
      task.runId === runId &&
      of === lane &&
      (wanted?.has(task.spec.taskId) ?? true);
    const changed = [...this.changes.tasks.values()].filter(isOurs).map(({ task }) => keyOfTask(task));
    if (this.#knownRun(runId) === null) return changed.sort(compareKeys).slice(0, limit);
    const fact = this.facts.ready.get(readyKey(runId, lane, wanted ?? null));
    const left = fact?.keys.filter(({ sequence }) => !this.changes.tasks.has(sequence)) ?? [];
    if (fact === undefined || (!fact.isWhole && left.length < limit)) {
      const more = Math.min(limit + (fact?.keys.length ?? 0), 2 ** 31 - 1);
      throw new Missing({
        type: "ready",
        runId,
        lane,
        limit: more,
        wanted: wanted === undefined ? null : [...wanted],
      });
    }
    return [...left, ...changed].sort(compareKeys).slice(0, limit);
  }

  due(now: number): number[] {
    const { sequences, isWhole } = this.#waiting();
    const due = this.#stillWaiting(sequences).filter(({ notBefore }) => (notBefore ?? 0) <= now);
    if (!isWhole && due.length === sequences.length) this.#missWaiting(sequences.length);
    const changed = this.#changedWaiting().filter(({ notBefore }) => (notBefore ?? 0) <= now);
    return [...due, ...changed].sort((a, b) => a.sequence - b.sequence).map(({ sequence }) => sequence);
  }

  nextWakeAt(): number | null {
    const { sequences, isWhole } = this.#waiting();
    const waiting = this.#stillWaiting(sequences);
    if (!isWhole && waiting.length === 0) this.#missWaiting(sequences.length);
    const times = [...waiting, ...this.#changedWaiting()].flatMap(({ notBefore }) => notBefore ?? []);
    return times.length === 0 ? null : Math.min(...times);
  }

  heldByAgent(agentId: string): number {
    return this.#agent(agentId).held + (this.changes.heldByAgent.get(agentId) ?? 0);
  }

  /** Attempts of the agent that may run at once; `null` while nobody has said. */
  capOf(agentId: string): number | null {
    return this.#agent(agentId).cap;
  }

  heldInRun(runId: string): number {
    return (this.#knownRun(runId)?.held ?? 0) + (this.changes.heldInRun.get(runId) ?? 0);
  }

  paidInRun(runId: string): number {
    return (this.#knownRun(runId)?.paid ?? 0) + (this.changes.paidInRun.get(runId) ?? 0);
  }

  heldLocks(): ReadonlySet<string> {
    const { locks } = this.facts;
    if (locks === null) throw new Missing({ type: "locks" });
    const held = new Set<string>();
    for (const [sequence, names] of locks) {
      if (!this.changes.tasks.has(sequence)) for (const name of names) held.add(name);
    }
    for (const { task, lane } of this.changes.tasks.values()) {
      if (heldPhases.includes(task.phase)) for (const name of demandOfLane(lane).locks) held.add(name);
    }
    return held;
  }

  addDriver(runId: string, workerId: string): void {
    this.changes.drivers.push([runId, workerId]);
  }

  clearDrivers(runId: string): void {
    this.changes.clearedDrivers.add(runId);
    this.changes.drivers = this.changes.drivers.filter(([of]) => of !== runId);
  }

  saveWorker(worker: WorkerIdentity, at: number): void {
    this.changes.workers.set(worker.workerId, { worker, at });
  }

  countRenewal(workerId: string): void {
    this.changes.renewals.set(workerId, (this.changes.renewals.get(workerId) ?? 0) + 1);
  }

  addEvent(
    runId: string,
    _taskId: string | null,
    sequence: number | null,
    event: MaiEvent,
    at: number,
  ): void {
    this.changes.events.push({ runId, sequence, event, at });
  }

  #knownRun(runId: string): Facts["runs"] extends Map<string, infer R> ? R : never {
    if (this.changes.newRuns.has(runId)) return null;
    const run = this.facts.runs.get(runId);
    if (run === undefined) throw new Missing({ type: "run", runId });
    return run;
  }

  #known(sequence: number): TaskRow | undefined {
    const row = this.facts.rows.get(sequence);
    if (row === undefined) throw new Missing({ type: "row", sequence });
    return row ?? undefined;
  }

  #current(sequence: number): TaskRow | ChangedTask | undefined {
    return this.changes.tasks.get(sequence) ?? this.#known(sequence);
  }

  #dependants(dependency: number): [number, TaskRow | ChangedTask][] {
    const isNew = this.changes.tasks.get(dependency)?.isNew === true;
    const known = isNew ? [] : this.facts.dependants.get(dependency);
    if (known === undefined) throw new Missing({ type: "dependants", sequence: dependency });
    const added = this.changes.edges.flatMap(([from, to]) => (from === dependency ? [to] : []));
    return [...known, ...added].flatMap((sequence) => {
      const row = this.#current(sequence);
      return row === undefined ? [] : [[sequence, row] as [number, TaskRow | ChangedTask]];
    });
  }

  #agent(agentId: string): { readonly cap: number | null; readonly held: number } {
    const agent = this.facts.agents.get(agentId);
    if (agent === undefined) throw new Missing({ type: "agent", agentId });
    return agent;
  }

  #waiting(): NonNullable<Facts["waiting"]> {
    if (this.facts.waiting === null) throw new Missing({ type: "waiting", limit: firstWaiting });
    return this.facts.waiting;
  }

  #missWaiting(known: number): never {
    throw new Missing({ type: "waiting", limit: Math.max(2 * known, firstWaiting) });
  }

  #stillWaiting(sequences: readonly number[]): TaskState[] {
    return sequences.flatMap((sequence) =>
      this.changes.tasks.has(sequence) ? [] : (this.#known(sequence)?.task ?? []),
    );
  }

  #changedWaiting(): TaskState[] {
    return [...this.changes.tasks.values()].flatMap(({ task }) => (isWaiting(task) ? [task] : []));
  }
}

function isWaiting({ phase }: TaskState): boolean {
  return phase === "retry-wait" || phase === "quota-wait";
}

function keyOfTask({ serveDay, behindMs, sequence }: TaskState): ReadyKey {
  return { serveDay: serveDay ?? 0, behindMs, sequence };
}
