/** The library's face: tasks in, events and results out. State is the store's; this class only leads there. */
import { isDeepStrictEqual } from "node:util";
import {
  type AgentStatus,
  type AggregatedResults,
  aggregateResults,
  createBatchCompletedEvent,
  createFarmResult,
  createTaskCompletedEvent,
  createTaskFailedEvent,
  createTaskProgressEvent,
  createTaskQueuedEvent,
  createTaskStartedEvent,
  demandOf,
  type FarmResult,
  type FarmTask,
  MaiError,
  OrchestrationEventEmitter,
  type OrchestrationEventHandler,
  serves,
  type TaskState,
} from "mai-orchestration-core";
import { type Claim, foldJournal, systemClock } from "mai-orchestration-engine";
import { AgentDispatcher } from "../dispatcher/agent-dispatcher.ts";
import { refuseBadBatch, refuseMissing } from "./check-batch.ts";
import { acceptTask } from "./check-task.ts";
import { Ledger } from "./ledger.ts";
import {
  type BatchOptions,
  checkCount,
  type OrchestratorOptions,
  type ResolvedBatchOptions,
  resolveBatchOptions,
} from "./options.ts";
import { Session } from "./session.ts";
import { acceptState, type OrchestrationState, stateOf } from "./state.ts";

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
  readonly #options: OrchestratorOptions;
  readonly #events = new OrchestrationEventEmitter();
  readonly #ledger = new Ledger();
  readonly #waiting = new Map<string, ((result: FarmResult) => void)[]>();
  #session: Session;
  #batchId: string | null = null;
  #restoring: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** @param options - a text is the folder of `dispatcher.dispatch`'s output files, as in the original */
  constructor(options: OrchestratorOptions | string = {}) {
    this.#options = typeof options === "string" ? { outputDir: options } : options;
    const { dispatcher, agents = [], outputDir, parallel } = this.#options;
    if (parallel !== undefined) checkCount("parallel", parallel);
    this.dispatcher = dispatcher ?? new AgentDispatcher(outputDir);
    for (const agent of agents) this.dispatcher.registerAgent(agent);
    this.#session = this.#newSession(this.#options.store);
  }

  /** Queues a task and returns its id at once. Throws `task.invalid`, `task.conflict`, `orchestrator.closed`. */
  queueTask(task: FarmTask): string {
    this.#refuseClosed();
    const accepted = acceptTask(task);
    const { taskId } = accepted;
    const known = this.#ledger.task(taskId);
    if (known !== undefined) {
      if (isDeepStrictEqual(known, accepted)) return taskId;
      throw new MaiError("task.conflict", `Another task with the id ${taskId} was queued before`, {
        hint: "Give the task an id of its own; a task never changes after it is queued.",
      });
    }
    this.#session.queue([accepted]);
    this.#ledger.add(accepted);
    this.#ledger.queued(taskId, new Date(systemClock.now()));
    this.#events.emit(createTaskQueuedEvent(accepted));
    return taskId;
  }

  /** Queues tasks, which may depend on each other, and returns their ids at once. */
  queueBatch(tasks: readonly FarmTask[]): string[] {
    return tasks.map((task) => this.queueTask(task));
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
    await this.#ready();
    const known = this.#resultOrUnknown(taskId);
    if (known !== undefined) return known;
    const result = this.#whenEnded(taskId);
    if (!this.#session.isDriving(taskId)) {
      refuseMissing([taskId], this.#ledger, (id) => this.#session.isDriving(id));
      await this.#blockImpossible([taskId]);
      this.#session.driveOne(taskId);
    }
    return Promise.race([result, this.#session.failure]);
  }

  /**
   * Has tasks done, `parallel` at a time, and resolves how all of them ended.
   *
   * Rejects `batch.empty`, `batch.unknown-task`, `batch.missing-dependency`
   * and `batch.invalid-option` before anything starts.
   */
  async executeBatch(taskIds: readonly string[], options?: BatchOptions): Promise<AggregatedResults> {
    const resolved = resolveBatchOptions(options);
    await this.#ready();
    const ids = [...new Set(taskIds)];
    refuseBadBatch(ids, this.#ledger, (id) => this.#session.isDriving(id));
    const ended = ids.map((id) => this.#whenEnded(id));
    const open = ids.filter((id) => this.#ledger.result(id) === undefined);
    if (open.length > 0) await this.#driveBatch(open, resolved);
    const results = aggregateResults(await Promise.race([Promise.all(ended), this.#session.failure]));
    this.#events.emit(createBatchCompletedEvent(results));
    return results;
  }

  /** Cancels tasks, all that have not ended when none are named; resolves once that is asked for durably. */
  async cancel(taskIds?: readonly string[], reason = "cancelled by the caller"): Promise<void> {
    await this.#ready();
    await this.#session.cancel(reason, taskIds);
  }

  /** The newest attempt's status; `queued` before the first, `undefined` for an unknown task. A copy. */
  getStatus(taskId: string): AgentStatus | undefined {
    return this.#ledger.status(taskId);
  }

  getAllStatus(): AgentStatus[] {
    return this.#ledger.statuses();
  }

  /** Tasks that have not ended. */
  getPendingTasks(): FarmTask[] {
    return this.#ledger.openTasks();
  }

  /** Results of all tasks that ended, in the order they were queued. */
  getResults(): FarmResult[] {
    return this.#ledger.results();
  }

  on(handler: OrchestrationEventHandler): void {
    this.#events.on(handler);
  }

  off(handler: OrchestrationEventHandler): void {
    this.#events.off(handler);
  }

  /** The state as plain JSON; see {@link OrchestrationState}. */
  getState(): OrchestrationState {
    return stateOf(this.#ledger, this.#session, this.#batchId);
  }

  /**
   * Takes up the run of a state. What was running is ready again, with the
   * next attempt; what had ended is not run again. Throws `state.invalid` or
   * `state.newer-version` at once; what only the store can tell rejects the
   * returned promise, and the next awaited call.
   */
  restoreState(state: OrchestrationState | string): Promise<void> {
    this.#refuseClosed();
    const accepted = acceptState(state);
    if (this.#session.record !== null) {
      throw new MaiError("state.invalid", "This orchestrator already has tasks of its own", {
        hint: "Restore into a new Orchestrator.",
      });
    }
    const { run, journal, store } = accepted;
    if (run === null) return Promise.resolve();
    if (store === null) for (const task of foldJournal(run.runId, journal).values()) this.#ledger.adopt(task);
    const own = this.#options.store;
    this.#session = this.#newSession(typeof own === "object" ? own : (store ?? own));
    this.#restoring = this.#session.restore(run, store === null ? journal : null).then((tasks) => {
      if (store !== null) for (const task of tasks) this.#ledger.adopt(task);
    });
    // Reported by the next awaited call too; nobody has to await this one.
    this.#restoring.catch(() => undefined);
    return this.#restoring;
  }

  /** Forgets all tasks and results, and cancels what runs; the next task opens a new run. */
  clear(): void {
    this.#refuseClosed();
    void this.#session.abandon();
    this.#ledger.clear();
    this.#waiting.clear();
    this.#session = this.#newSession(this.#options.store);
  }

  /** Resolves when everything queued so far is durable. */
  async flush(): Promise<void> {
    await this.#ready();
  }

  /** Ends what runs, uncounted, and lets go of the store. Nothing can be queued or executed afterwards. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#restoring.catch(() => undefined);
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #newSession(store: OrchestratorOptions["store"]): Session {
    const { root = process.cwd(), parallel = null, outputDir, durability = "full" } = this.#options;
    return new Session({
      store,
      durability,
      root,
      outputDir,
      parallel,
      dispatcher: this.dispatcher,
      observer: {
        started: (claim) => this.#onStarted(claim),
        progressed: (claim, progress) => this.#onProgress(claim, progress),
        ended: (task) => this.#onEnded(task),
      },
    });
  }

  async #ready(): Promise<void> {
    this.#refuseClosed();
    await this.#restoring;
    await this.#session.flush();
  }

  #refuseClosed(): void {
    if (!this.#isClosed) return;
    throw new MaiError("orchestrator.closed", "This orchestrator is closed", { hint: "Make a new one." });
  }

  #resultOrUnknown(taskId: string): FarmResult | undefined {
    if (this.#ledger.task(taskId) !== undefined) return this.#ledger.result(taskId);
    const output = `Task not found: ${taskId}`;
    return createFarmResult(taskId, "unknown", "failure", output, {
      verdict: "failed",
      reason: output,
      attempts: 0,
    });
  }

  #whenEnded(taskId: string): Promise<FarmResult> {
    const known = this.#ledger.result(taskId);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => {
      const others = this.#waiting.get(taskId);
      if (others === undefined) this.#waiting.set(taskId, [resolve]);
      else others.push(resolve);
    });
  }

  async #driveBatch(open: readonly string[], options: ResolvedBatchOptions): Promise<void> {
    this.#batchId = `batch-${systemClock.now().toString(36)}`;
    await this.#blockImpossible(open);
    const end = await this.#session.driveMany(open, options);
    this.#batchId = null;
    if (end === "interrupted") this.#refuseClosed();
  }

  /** Tasks that no agent could ever do end as blocked instead of waiting for ever. */
  async #blockImpossible(ids: readonly string[]): Promise<void> {
    const agents = this.dispatcher.agents();
    const impossible = ids.filter((id) => {
      const task = this.#ledger.task(id);
      return task !== undefined && !agents.some((agent) => serves(agent, demandOf(task, 0)));
    });
    if (impossible.length === 0) return;
    const known = agents.map((agent) => agent.agentId).join(", ");
    await this.#session.block(`No agent available for it among: ${known}`, impossible);
  }

  #onStarted({ taskId, task }: Claim): void {
    const at = new Date(task.startedAt ?? systemClock.now());
    this.#ledger.started(taskId, task.agentId ?? "", this.#session.outputFileOf(task), at);
    this.#events.emit(createTaskStartedEvent(taskId, task.agentId ?? ""));
  }

  #onProgress({ taskId }: Claim, progress: number): void {
    this.#ledger.progressed(taskId, progress);
    this.#events.emit(createTaskProgressEvent(taskId, progress));
  }

  #onEnded(task: TaskState): void {
    const { taskId } = task.spec;
    if (this.#ledger.result(taskId) !== undefined) return;
    const result = this.#ledger.ended(task, new Date(task.end?.at ?? systemClock.now()));
    if (result.status === "success") this.#events.emit(createTaskCompletedEvent(result));
    else this.#events.emit(createTaskFailedEvent(taskId, result.reason ?? result.output, result));
    for (const resolve of this.#waiting.get(taskId) ?? []) resolve(result);
    this.#waiting.delete(taskId);
  }
}
