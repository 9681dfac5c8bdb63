/** An orchestrator's one run: its store, its engine, and what is on the way to them. */
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createCustody, createRunCheck } from "mai-orchestration-agents";
import {
  type FarmTask,
  isMaiError,
  type JournalEntry,
  MaiError,
  overallVerdict,
  runResultOf,
  type TaskState,
} from "mai-orchestration-core";
import {
  type DriveEnd,
  type DriveHandle,
  Engine,
  type MemoryStore,
  memoryStore,
  type Observer,
  type RunRecord,
  type Store,
  systemClock,
} from "mai-orchestration-engine";
import type { Durability } from "mai-orchestration-sqlite";
import type { AgentDispatcher } from "../dispatcher/agent-dispatcher.ts";
import { newRunId } from "../execution/run-id.ts";
import { openStore } from "../execution/state-folder.ts";
import { logFile, workplaceOnDisk } from "../execution/workplace.ts";
import type { OrchestratorOptions, ResolvedBatchOptions } from "./options.ts";

export interface SessionOptions {
  readonly store: OrchestratorOptions["store"];
  readonly durability: Durability;
  readonly root: string;
  /** Where files go that attempts print when the store is in memory. */
  readonly outputDir: string | undefined;
  readonly parallel: number | null;
  readonly dispatcher: AgentDispatcher;
  readonly observer: Observer;
}

export class Session {
  /** Rejects when the store cannot do its work, or the session is closed under somebody who waits. */
  readonly failure: Promise<never>;
  readonly #options: SessionOptions;
  readonly #driven = new Set<string>();
  #fail: (error: unknown) => void = () => undefined;
  #failed: { readonly error: unknown } | null = null;
  #store: Store | null = null;
  #engine: Engine | null = null;
  #record: RunRecord | null = null;
  #queued: FarmTask[] = [];
  #saving: Promise<void> = Promise.resolve();
  #saveScheduled = false;
  #singles: DriveHandle | null = null;

  constructor(options: SessionOptions) {
    this.#options = { ...options, root: resolve(options.root) };
    this.failure = new Promise((_, reject) => {
      this.#fail = (error) => {
        this.#failed ??= { error };
        reject(error);
      };
    });
    this.failure.catch(() => undefined);
  }

  /** The run; `null` before the first task. */
  get record(): RunRecord | null {
    return this.#record;
  }

  /** The file of the store; `null` in memory. */
  get storePath(): string | null {
    const { store } = this.#options;
    if (typeof store === "string") return resolve(store);
    return store === undefined || store.name === "memory" ? null : store.name;
  }

  /** Every fact of a run in memory so far, what is on the way included. */
  journal(): JournalEntry[] {
    if (this.#record === null || this.#store === null || !isMemory(this.#store)) return [];
    this.#save();
    return this.#store.snapshot(this.#record.runId);
  }

  /** Takes tasks; they are written together at the end of this turn of the event loop. */
  queue(tasks: readonly FarmTask[]): void {
    if (this.#failed !== null) throw this.#failed.error;
    this.#open();
    this.#queued.push(...tasks);
    if (this.#saveScheduled) return;
    this.#saveScheduled = true;
    systemClock.soon(() => this.#save());
  }

  /** Resolves when all that was queued is durable. */
  async flush(): Promise<void> {
    this.#save();
    await this.#saving;
    if (this.#failed !== null) throw this.#failed.error;
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
    return store.tasks({ runId: run.runId });
  }

  isDriving(taskId: string): boolean {
    return this.#driven.has(taskId);
  }

  /** Has one task done; who waits for it hears from the observer. */
  driveOne(taskId: string): void {
    this.#driven.add(taskId);
    if (this.#singles !== null) {
      this.#singles.add([taskId]);
      return;
    }
    const { engine, runId } = this.#open();
    const handle = engine.drive({ runId, root: this.#options.root, only: [taskId] });
    this.#singles = handle;
    handle.done.then(
      () => {
        if (this.#singles === handle) this.#singles = null;
      },
      (error: unknown) => this.#fail(error),
    );
  }

  /** Has tasks done; resolves when all have ended. */
  async driveMany(taskIds: readonly string[], options: ResolvedBatchOptions): Promise<DriveEnd> {
    for (const taskId of taskIds) this.#driven.add(taskId);
    const { engine, runId } = this.#open();
    const { parallel, failFast, timeoutMs } = options;
    const limits = timeoutMs === null ? { parallel, failFast } : { parallel, failFast, timeoutMs };
    try {
      return await engine.drive({ runId, root: this.#options.root, only: taskIds, ...limits }).done;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  async cancel(reason: string, taskIds: readonly string[] | undefined): Promise<void> {
    if (this.#record === null) return;
    const { engine, runId } = this.#open();
    await engine.cancel(runId, reason, taskIds);
  }

  async block(reason: string, taskIds: readonly string[]): Promise<void> {
    const { store, runId } = this.#open();
    for (const task of await store.block(runId, reason, taskIds)) this.#options.observer.ended?.(task);
  }

  /** The file that the running attempt of a task prints to; empty for functions. */
  outputFileOf({ runId, spec, attempt, agentId }: TaskState): string {
    const agent = this.#options.dispatcher.agents().find((one) => one.agentId === agentId);
    if (agent === undefined || agent.backend === "function") return "";
    return logFile(this.#logs(), { runId, taskId: spec.taskId, attempt });
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

  /** Ends what runs, says in the journal how the run stands, and lets go of a store of our own. */
  async close(): Promise<void> {
    await this.flush().catch(() => undefined);
    const [engine, store, record] = [this.#engine, this.#store, this.#record];
    if (engine !== null && store !== null && record !== null) {
      await engine.interrupt("its orchestrator was closed");
      if (this.#failed === null) await noteEnd(store, record.runId);
    }
    const message = "The orchestrator was closed before the task ended";
    this.#fail(new MaiError("orchestrator.closed", message, { hint: "Restore its state to go on." }));
    if (typeof this.#options.store !== "object") await store?.close();
  }

  #save(): void {
    this.#saveScheduled = false;
    const tasks = this.#queued;
    if (tasks.length === 0 || this.#record === null) return;
    this.#queued = [];
    const { store } = this.#open();
    const { runId, name, root, parallel, failFast, timeoutMs, sharedChecks } = this.#record;
    const run = { runId, name, root, parallel, failFast, timeoutMs, sharedChecks };
    const saved = store.submit(run, tasks);
    this.#saving = Promise.all([this.#saving, saved]).then(() => undefined);
    this.#saving.catch((error: unknown) => this.#fail(error));
  }

  #open(): { readonly store: Store; readonly engine: Engine; readonly runId: string } {
    const { dispatcher, observer } = this.#options;
    this.#store ??= this.#openStore();
    this.#record ??= this.#newRecord();
    this.#engine ??= new Engine({
      store: this.#store,
      clock: systemClock,
      roster: dispatcher,
      custody: createCustody(),
      workplace: workplaceOnDisk(() => this.#logs()),
      runCheck: createRunCheck(),
      checkSlots: availableParallelism(),
      observer,
    });
    return { store: this.#store, engine: this.#engine, runId: this.#record.runId };
  }

  #openStore(): Store {
    const { store, durability } = this.#options;
    if (typeof store === "object") return store;
    if (store === undefined) return memoryStore(systemClock);
    return openStore(resolve(store), systemClock, { durability });
  }

  #newRecord(): RunRecord {
    const createdAt = systemClock.now();
    const { root, parallel } = this.#options;
    const asked = { name: null, root, parallel, failFast: false, timeoutMs: null, sharedChecks: false };
    const state = { createdAt, firstSeq: 0, finishedAt: null, verdict: null, interruptedAt: null };
    return { runId: newRunId(createdAt), ...asked, ...state };
  }

  #logs(): string {
    const { storePath } = this;
    if (storePath !== null) return join(dirname(storePath), "logs");
    return this.#options.outputDir ?? join(tmpdir(), `mai-outputs-${process.pid}`);
  }
}

/** A run is finished when all its tasks have ended; otherwise it can be taken up again. */
async function noteEnd(store: Store, runId: string): Promise<void> {
  try {
    const { total, phases } = await store.counts(runId);
    if (total > (phases.ended ?? 0)) {
      const resume = "restoreState() with what getState() returned";
      await store.note(runId, { type: "run.interrupted", reason: "its orchestrator was closed", resume });
      return;
    }
    const results = (await store.tasks({ runId })).map(runResultOf);
    await store.note(runId, { type: "run.finished", verdict: overallVerdict(results), results });
  } catch (error) {
    // Nothing was queued durably, or somebody else closed the store: there is no run to speak of.
    if (!isMaiError(error) || (error.code !== "run.not-found" && error.code !== "store.closed")) throw error;
  }
}

function isMemory(store: Store): store is MemoryStore {
  return "snapshot" in store;
}
