/** The library's face: tasks in, events and results out. State is the store's; this class only leads there. */
import { type FarmResult, type FarmTask, MaiError } from "mai-orchestration-core";
import {
  type AgentStatus,
  type AggregatedResults,
  aggregateResults,
  createBatchCompletedEvent,
  createTaskQueuedEvent,
  OrchestrationEventEmitter,
  type OrchestrationEventHandler,
} from "mai-orchestration-core/seed";
import { foldJournal, type Store, systemClock } from "mai-orchestration-engine";
import { AgentDispatcher } from "../dispatcher/agent-dispatcher.ts";
import { blockImpossible } from "./block-impossible.ts";
import { refuseBadBatch, refuseMissing, refuseUnknown } from "./check-batch.ts";
import { acceptTasks } from "./check-task.ts";
import {
  type BatchOptions,
  type OrchestratorOptions,
  type ResolvedOrchestratorOptions,
  resolveBatchOptions,
  resolveOrchestratorOptions,
} from "./options.ts";
import { acceptState, type BatchState, type OrchestrationState, stateOf } from "./state.ts";
import { unknownTask } from "./unknown-task.ts";
import { type Work, workOf } from "./work.ts";

/**
 * Queues tasks, has agents do them, and tells what became of each.
 *
 * `queueTask` and `queueBatch` return at once; `executeTask`, `executeBatch`
 * and `flush` resolve when what they say is durable. A write that fails
 * rejects the next awaited call, and further work is refused.
 *
 * @example
 * const orchestrator = new Orchestrator();
 * const task = createFarmTask("implementation", "Build authentication", "Users can log in");
 * orchestrator.queueTask(task);
 * const result = await orchestrator.executeTask(task.taskId);
 *
 * @public
 */
export class Orchestrator {
  /** Who does the tasks. */
  readonly dispatcher: AgentDispatcher;
  readonly #options: ResolvedOrchestratorOptions;
  readonly #events = new OrchestrationEventEmitter();
  readonly #batches = new Map<string, BatchState>();
  #batchCount = 0;
  #work: Work;
  #restoring: Promise<void> = Promise.resolve();
  /** Runs that `clear()` gave up and that are not dead yet. */
  #clearing: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /**
   * Throws `orchestrator.invalid-option` and `agent.invalid`.
   *
   * @param options - a text is the folder of `dispatcher.dispatch`'s output files, as in the original
   */
  constructor(options: OrchestratorOptions | string = {}) {
    this.#options = resolveOrchestratorOptions(options);
    const { dispatcher, agents, outputDir } = this.#options;
    this.dispatcher = dispatcher ?? new AgentDispatcher(outputDir);
    for (const agent of agents) this.dispatcher.registerAgent(agent);
    this.#work = this.#newWork(this.#options.store);
  }

  /**
   * Queues a task and returns its id at once. A task it depends on must have
   * been queued before. Throws `task.invalid`, `task.conflict`,
   * `plan.unknown-dependency`, `orchestrator.closed`.
   */
  queueTask(task: FarmTask): string {
    this.queueBatch([task]);
    return task.taskId;
  }

  /**
   * Queues tasks, which may depend on each other in any order, and returns
   * their ids at once. Throws as `queueTask` does, or `plan.cycle`, and then
   * none is queued.
   */
  queueBatch(tasks: readonly FarmTask[]): string[] {
    this.#refuseClosed();
    const { ledger, session } = this.#work;
    const fresh = acceptTasks(tasks, (id) => ledger.task(id));
    if (fresh.length > 0) session.queue(fresh);
    const at = new Date(systemClock.now());
    for (const task of fresh) ledger.add(task, at);
    for (const task of fresh) this.#events.emit(createTaskQueuedEvent(task));
    return tasks.map((task) => task.taskId);
  }

  /**
   * Has a task done and resolves how it ended; a failure is part of the
   * answer. A running task is joined, an ended one answers with its stored
   * result, an unknown one is a failure of the agent `unknown`.
   *
   * Rejects `batch.missing-dependency`, `orchestrator.closed`, or with the
   * error of a store that cannot do its work.
   */
  async executeTask(taskId: string): Promise<FarmResult> {
    const { ledger, session } = await this.#ready();
    if (ledger.task(taskId) === undefined) return unknownTask(taskId);
    const result = ledger.whenEnded(taskId);
    const isDriving = (id: string): boolean => session.isDriving(id);
    if (ledger.result(taskId) === undefined && !isDriving(taskId)) {
      refuseMissing([taskId], ledger, isDriving);
      const [possible] = await blockImpossible(this.dispatcher, ledger, session, [taskId]);
      if (possible !== undefined) session.driveOne(possible);
    }
    return session.orFailure(result);
  }

  /**
   * Has tasks done, `parallel` at a time, and resolves how all of them ended.
   *
   * Rejects `batch.empty`, `batch.unknown-task`, `batch.missing-dependency`
   * and `batch.invalid-option` before anything starts.
   */
  async executeBatch(taskIds: readonly string[], options: BatchOptions = {}): Promise<AggregatedResults> {
    const resolved = resolveBatchOptions(options);
    const { ledger, session } = await this.#ready();
    const ids = [...new Set(taskIds)];
    refuseBadBatch(ids, ledger, (id) => session.isDriving(id));
    const ended = Promise.all(ids.map((id) => ledger.whenEnded(id)));

    const batchId = `batch-${systemClock.now().toString(36)}-${++this.#batchCount}`;
    this.#batches.set(batchId, { batchId, taskIds: ids, options: { ...options } });
    try {
      const open = await blockImpossible(this.dispatcher, ledger, session, ids);
      if (open.length > 0) await session.driveMany(open, resolved);
      const results = aggregateResults(await session.orFailure(ended));
      this.#events.emit(createBatchCompletedEvent(results));
      return results;
    } finally {
      this.#batches.delete(batchId);
    }
  }

  /**
   * Cancels tasks, all that have not ended when none are named; resolves once
   * that is asked for durably. Rejects `batch.unknown-task`.
   */
  async cancel(taskIds?: readonly string[], reason = "cancelled by the caller"): Promise<void> {
    const { ledger, session } = await this.#ready();
    if (taskIds !== undefined) refuseUnknown(taskIds, ledger);
    await session.cancel(reason, taskIds);
  }

  /**
   * Says yes to a task that waits for a person (`approval` of the task); said again it changes nothing. Resolves once
   * that is durable. Rejects `batch.unknown-task`, and `task.not-waiting` when nobody is asked.
   *
   * @param note - why; it stands in the result
   */
  async approve(taskId: string, note?: string): Promise<void> {
    await this.#answer(taskId, true, note);
  }

  /**
   * Says no: a task that has not started ends as blocked, and what an attempt left counts as failed. Otherwise as
   * {@link Orchestrator.approve}.
   *
   * @param note - why; what the next attempt is told
   */
  async reject(taskId: string, note?: string): Promise<void> {
    await this.#answer(taskId, false, note);
  }

  /** The newest attempt's status; `queued` before the first, `undefined` for an unknown task. A copy. */
  getStatus(taskId: string): AgentStatus | undefined {
    return this.#work.ledger.status(taskId);
  }

  getAllStatus(): AgentStatus[] {
    return this.#work.ledger.statuses();
  }

  /** Tasks that have not ended. */
  getPendingTasks(): FarmTask[] {
    return this.#work.ledger.openTasks();
  }

  /** Results of all tasks that ended, in the order they were queued. */
  getResults(): FarmResult[] {
    return this.#work.ledger.results();
  }

  on(handler: OrchestrationEventHandler): void {
    this.#events.on(handler);
  }

  off(handler: OrchestrationEventHandler): void {
    this.#events.off(handler);
  }

  /** The state as plain JSON; see {@link OrchestrationState}. */
  getState(): OrchestrationState {
    const { ledger, session } = this.#work;
    return stateOf(ledger, session, [...this.#batches.values()]);
  }

  /**
   * Takes up the run of a state. What was running is ready again, with the
   * next attempt; what had ended is not run again. Throws `state.invalid` or
   * `state.newer-version` at once; what only the store can tell rejects the
   * returned promise, and the next awaited call.
   */
  restoreState(state: OrchestrationState | string): Promise<void> {
    this.#refuseClosed();
    const { run, journal, store } = acceptState(state);
    if (this.#work.session.record !== null) {
      throw new MaiError("state.invalid", "This orchestrator already has tasks of its own", {
        hint: "Restore into a new Orchestrator.",
      });
    }
    if (run === null) return Promise.resolve();
    const kept = store === null ? [...foldJournal(run.runId, journal).values()] : [];
    const own = this.#options.store;
    this.#work = this.#newWork(typeof own === "object" ? own : (store ?? own), store !== null);
    const { ledger, session } = this.#work;
    const at = new Date(systemClock.now());
    for (const task of kept) ledger.adopt(task, at);
    this.#restoring = session.restore(run, store === null ? journal : null).then((tasks) => {
      for (const task of tasks) ledger.adopt(task, at);
    });
    // Reported by the next awaited call too; nobody has to await this one.
    this.#restoring.catch(() => undefined);
    return this.#restoring;
  }

  /**
   * Forgets all tasks and results, and cancels what runs; the next task opens a
   * new run. Who waits for a task is told that it was cancelled.
   */
  clear(): void {
    this.#refuseClosed();
    const abandoned = this.#work.session.abandon();
    this.#clearing = Promise.all([this.#clearing, abandoned]);
    this.#clearing.catch(() => undefined);
    this.#work = this.#newWork(this.#options.store);
  }

  /** Resolves when everything queued so far is durable, and what `clear()` gave up is dead. */
  async flush(): Promise<void> {
    await this.#ready();
    await this.#clearing;
  }

  /**
   * Ends what runs, uncounted, and lets go of the store. Nothing can be queued
   * or executed afterwards. Rejects with a failed write that nobody was told of.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#restoring.catch(() => undefined);
    const [cleared, closed] = await Promise.allSettled([this.#clearing, this.#work.session.close()]);
    for (const end of [cleared, closed]) if (end.status === "rejected") throw end.reason;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer(taskId: string, approved: boolean, note: string | undefined): Promise<void> {
    const { ledger, session } = await this.#ready();
    refuseUnknown([taskId], ledger);
    await session.answerApproval(taskId, approved, note ?? null);
  }

  #newWork(store: string | Store | undefined, mustExist = false): Work {
    return workOf(this.#options, this.dispatcher, this.#events, { store, mustExist });
  }

  /** The work to go on with, once all that was queued is durable. */
  async #ready(): Promise<Work> {
    this.#refuseClosed();
    await this.#restoring;
    const work = this.#work;
    await work.session.flush();
    this.#refuseClosed();
    return work;
  }

  #refuseClosed(): void {
    if (!this.#isClosed) return;
    throw new MaiError("orchestrator.closed", "This orchestrator is closed", { hint: "Make a new one." });
  }
}
