/** An orchestrator's one run: its store, its engine, and what is on the way to them. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { createCustody, createRunCheck, createVitals } from "mai-orchestration-agents";
import { type FarmTask, type JournalEntry, MaiError, type TaskState } from "mai-orchestration-core";
import {
  type Custody,
  type DriveHandle,
  Engine,
  type MemoryStore,
  type Observer,
  type RunRecord,
  type Store,
  systemClock,
} from "mai-orchestration-engine";
import type { AgentDispatcher } from "../dispatcher/agent-dispatcher.ts";
import { type Left, leftOf } from "../execution/left.ts";
import { type RunWorkspaces, runWorkspaces } from "../execution/run-workspaces.ts";
import { ownSecrets } from "../execution/secrets.ts";
import { thisUser } from "../execution/this-user.ts";
import { logFile, printsNothing, workplaceOnDisk } from "../execution/workplace.ts";
import { newRecord } from "./new-record.ts";
import { noteEnd } from "./note-end.ts";
import type { ResolvedBatchOptions } from "./options.ts";
import { type Kept, logsOf, openStoreOf, receiptsOf, storePathOf } from "./session-files.ts";

export interface SessionOptions extends Kept {
  readonly root: string;
  readonly parallel: number | null;
  readonly guardAfterMs: number | null | undefined;
  readonly dispatcher: AgentDispatcher;
  readonly observer: Observer;
}

const runCheck = createRunCheck();

export class Session {
  readonly #options: SessionOptions;
  /** Tasks that are being done and have not ended. */
  readonly #driven = new Set<string>();
  /** Rejects when the store cannot do its work, or the session is closed under somebody who waits. */
  readonly #failure: Promise<never>;
  #rejectFailure: (error: unknown) => void = () => undefined;
  #failed: { readonly error: unknown; told: boolean } | null = null;
  readonly #places: RunWorkspaces = runWorkspaces({ runCheck });
  #store: Store | null = null;
  #engine: Engine | null = null;
  #record: RunRecord | null = null;
  /** What a run that was left behind stands at, until this session goes on with it. */
  #left: Left | null = null;
  #hasWorked = false;
  #queued: FarmTask[] = [];
  #saving: Promise<void> = Promise.resolve();
  #saveScheduled = false;
  #singles: DriveHandle | null = null;
  #unguard: () => void = () => undefined;

  constructor(options: SessionOptions) {
    this.#options = { ...options, root: resolve(options.root) };
    this.#failure = new Promise((_, reject) => {
      this.#rejectFailure = reject;
    });
    this.#failure.catch(() => undefined);
  }

  /** The run; `null` before the first task. */
  get record(): RunRecord | null {
    return this.#record;
  }

  /** The file of the store; `null` in memory. */
  get storePath(): string | null {
    return storePathOf(this.#options);
  }

  /** Every fact of a run in memory so far, what is on the way included. */
  journal(): JournalEntry[] {
    if (this.#record === null || this.#store === null || !isMemory(this.#store)) return [];
    this.#save();
    return this.#store.snapshot(this.#record.runId);
  }

  /** Takes tasks; they are written together at the end of this turn of the event loop. */
  queue(tasks: readonly FarmTask[]): void {
    this.#open();
    for (const task of tasks) this.#queued.push(task);
    if (this.#saveScheduled) return;
    this.#saveScheduled = true;
    systemClock.soon(() => this.#save());
  }

  /** Resolves when all that was queued is durable. */
  async flush(): Promise<void> {
    this.#save();
    await this.#saving.catch((error: unknown) => this.#fail(error));
    this.#refuseFailed();
  }

  /** Resolves as `promise` does, unless the store fails or the session is closed first. */
  async orFailure<T>(promise: Promise<T>): Promise<T> {
    try {
      return await Promise.race([promise, this.#failure]);
    } catch (error) {
      if (this.#failed !== null) this.#failed.told = true;
      throw error;
    }
  }

  /** Takes up a run that a store has, or that comes with its journal; resolves its tasks. */
  async restore(run: RunRecord, journal: readonly JournalEntry[] | null): Promise<readonly TaskState[]> {
    this.#record = run;
    const { store } = this.#open();
    if (journal !== null) await store.restore(run, journal);
    const record = await store.run(run.runId);
    if (record === undefined) {
      const message = `The store ${store.name} has no run ${run.runId}`;
      throw new MaiError("run.not-found", message, { hint: "Was it pruned, or is this another store?" });
    }
    this.#record = record;
    const tasks = await store.tasks({ runId: run.runId });
    const reused = tasks.filter((task) => task.end !== null).length;
    const ready = tasks.filter((task) => task.phase === "ready");
    const held = await store.held(run.runId);
    const left = leftOf({ reused, open: tasks.length - reused }, ready, held, createCustody());
    const isDead = left.answered.length + left.alive.length + left.dead.length > 0;
    if (record.finishedAt !== null || record.interruptedAt !== null || isDead) this.#left = left;
    return tasks;
  }

  isDriving(taskId: string): boolean {
    return this.#driven.has(taskId);
  }

  /** Has one task done; who waits for it hears from the observer. */
  driveOne(taskId: string): void {
    const { engine, runId } = this.#work([taskId]);
    if (this.#singles?.add([taskId]) === true) return;
    this.#singles = engine.drive({ runId, root: this.#options.root, only: [taskId] });
    this.#singles.done.catch((error: unknown) => this.#fail(error));
  }

  /** Has tasks done; resolves when all have ended, or the session was closed. */
  async driveMany(taskIds: readonly string[], options: ResolvedBatchOptions): Promise<void> {
    const { engine, runId } = this.#work(taskIds);
    const { parallel, failFast, timeoutMs } = options;
    const limits = timeoutMs === null ? { parallel, failFast } : { parallel, failFast, timeoutMs };
    const { done } = engine.drive({ runId, root: this.#options.root, only: taskIds, ...limits });
    await done.catch((error: unknown) => this.#fail(error));
  }

  async cancel(reason: string, taskIds: readonly string[] | undefined): Promise<void> {
    if (this.#record === null) return;
    const { engine, runId } = this.#open();
    await this.orFailure(engine.cancel(runId, reason, taskIds).catch((error: unknown) => this.#fail(error)));
  }

  /** Rejects `task.not-waiting` when nobody is asked. */
  async answerApproval(taskId: string, approved: boolean, note: string | null): Promise<void> {
    const { engine, runId } = this.#open();
    const answer = { approved, by: thisUser(), via: "library", note, attempt: null };
    const call = engine.answerApproval(runId, taskId, answer);
    const settlement = await this.orFailure(call.catch((error: unknown) => this.#fail(error)));
    if (settlement?.ok !== false) return;
    throw new MaiError("task.not-waiting", `Task ${taskId} does not wait for a person's answer`, {
      hint: "Give it `approval`, and have it executed; it is asked for once.",
    });
  }

  async block(reason: string, taskIds: readonly string[]): Promise<void> {
    const { engine, runId } = this.#open();
    await this.orFailure(engine.block(runId, reason, taskIds).catch((error: unknown) => this.#fail(error)));
  }

  /** The file that the running attempt of a task prints to; empty for functions. */
  outputFileOf({ runId, spec, attempt, agentId }: TaskState): string {
    const agent = this.#options.dispatcher.agents().find((one) => one.agentId === agentId);
    if (agent === undefined || printsNothing(agent.backend, spec)) return "";
    return logFile(logsOf(this.#options), { runId, taskId: spec.taskId, attempt });
  }

  /** Cancels everything, then closes. */
  async abandon(): Promise<void> {
    try {
      await this.flush();
      await this.cancel("forgotten by its orchestrator", undefined);
    } finally {
      await this.close();
    }
  }

  /**
   * Ends what runs, says in the journal how the run stands, and lets go of a
   * store of our own. Rejects with a failure of the store that no awaited call
   * has told before.
   */
  async close(): Promise<void> {
    this.#save();
    await this.#saving.catch((error: unknown) => this.#fail(error));
    const [engine, store, record] = [this.#engine, this.#store, this.#record];
    if (engine !== null && store !== null && record !== null) {
      await engine.interrupt("its orchestrator was closed");
      const noted = this.#failed === null && this.#hasWorked ? noteEnd(store, record.runId) : undefined;
      await noted?.catch((error: unknown) => this.#fail(error));
    }
    await this.#places.close();
    const failed = this.#failed;
    const message = "The orchestrator was closed before the task ended";
    this.#fail(new MaiError("orchestrator.closed", message, { hint: "Restore its state to go on." }));
    this.#unguard();
    if (typeof this.#options.store !== "object") await store?.close();
    if (failed?.told === false) throw failed.error;
  }

  #fail(error: unknown): void {
    this.#failed ??= { error, told: false };
    this.#rejectFailure(error);
  }

  #refuseFailed(): void {
    if (this.#failed === null) return;
    this.#failed.told = true;
    throw this.#failed.error;
  }

  #save(): void {
    this.#saveScheduled = false;
    const [store, tasks] = [this.#store, this.#queued];
    if (tasks.length === 0 || this.#record === null || store === null || this.#failed !== null) return;
    this.#queued = [];
    const { runId, name, root, parallel, failFast, timeoutMs, sharedChecks } = this.#record;
    const run = { runId, name, root, parallel, failFast, timeoutMs, sharedChecks };
    this.#goOn(store, runId);
    this.#await(store.submit(run, tasks));
  }

  /** Work on tasks begins. */
  #work(taskIds: readonly string[]): { readonly engine: Engine; readonly runId: string } {
    const { engine, store, runId } = this.#open();
    this.#goOn(store, runId);
    for (const taskId of taskIds) this.#driven.add(taskId);
    return { engine, runId };
  }

  /** A run that had been left is open again from its first work on. */
  #goOn(store: Store, runId: string): void {
    this.#hasWorked = true;
    if (this.#left === null) return;
    this.#await(store.note(runId, { type: "run.resumed", ...this.#left }));
    this.#left = null;
  }

  #await(write: Promise<void>): void {
    this.#saving = Promise.all([this.#saving, write]).then(() => undefined);
    this.#saving.catch((error: unknown) => this.#fail(error));
  }

  #open(): { readonly store: Store; readonly engine: Engine; readonly runId: string } {
    this.#refuseFailed();
    const { dispatcher } = this.#options;
    this.#store ??= openStoreOf(this.#options);
    this.#record ??= newRecord(this.#options);
    this.#engine ??= new Engine({
      store: this.#store,
      clock: systemClock,
      roster: dispatcher,
      custody: this.#newCustody(this.#record.runId),
      workplace: workplaceOnDisk({
        logsOf: () => logsOf(this.#options),
        receiptsOf: () => receiptsOf(this.#options),
        workspaces: this.#places.workspaces,
      }),
      runCheck,
      checkSlots: availableParallelism(),
      vitals: createVitals(),
      secrets: ownSecrets(),
      observer: this.#observer(),
    });
    return { store: this.#store, engine: this.#engine, runId: this.#record.runId };
  }

  #newCustody(runId: string): Custody {
    const custody = createCustody({ guardAfterMs: this.#options.guardAfterMs });
    this.#unguard = custody.guardRun(runId);
    return custody;
  }

  #observer(): Observer {
    const { observer } = this.#options;
    return {
      ...observer,
      ended: (task) => {
        this.#driven.delete(task.spec.taskId);
        this.#places.ended(this.#options.root, task);
        observer.ended?.(task);
      },
    };
  }
}

function isMemory(store: Store): store is MemoryStore {
  return "snapshot" in store;
}
