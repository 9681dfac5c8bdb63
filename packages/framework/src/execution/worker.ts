/** A worker: offers the agents of its machine to every open run of a store that machines share. */
import { existsSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import {
  type Author,
  createCustody,
  createRunCheck,
  createVitals,
  livingMarks,
  type MachineCustody,
} from "mai-orchestration-agents";
import { isHeld, type TaskState } from "mai-orchestration-core";
import {
  type Agent,
  type Claim,
  Engine,
  fixedRoster,
  markOf,
  type Roster,
  type RunCheck,
  type RunRecord,
  systemClock,
} from "mai-orchestration-engine";
import type { PostgresStore, WorkerLabel } from "mai-orchestration-postgres";
import { receiptFolder } from "./receipts.ts";
import { type RunWorkspaces, runWorkspaces } from "./run-workspaces.ts";
import { logFolder, workplaceOnDisk } from "./workplace.ts";

/** What a worker is made of. @internal */
export interface WorkerInput {
  readonly store: PostgresStore;
  /** With this worker's shares as their `maxConcurrent`. */
  readonly agents: readonly Agent[];
  readonly tags: readonly string[];
  /** Who is named in commits of the engine; `null`: the default. */
  readonly author: Author | null;
  /** Where attempts work whose run's root is not on this machine, absolute. */
  readonly root: string;
  readonly onStarted: (claim: Claim) => void;
  /** A task ended, by an attempt of this worker or as a consequence of one. */
  readonly onEnded: (task: TaskState) => void;
  /** Something that a person should know. */
  readonly onNotice: (text: string) => void;
}

/** How often it is looked for new runs, even when the store tells of no change; also the worker's own sign of life. */
const lookMs = 2_000;

/** A worker that has started. @internal */
export class Worker {
  readonly #input: WorkerInput;
  readonly #custody: MachineCustody;
  readonly #runCheck: RunCheck = createRunCheck();
  readonly #places: RunWorkspaces;
  readonly #engine: Engine;
  /** Where attempts of the runs work that are driven here, by run. */
  readonly #driven = new Map<string, string>();
  readonly #unguards = new Map<string, () => void>();
  readonly #since = systemClock.now();
  #isDraining = false;
  #isLooking = false;
  #running = 0;
  #stopLooking: () => void = () => undefined;
  #stopListening: () => void = () => undefined;
  #onRest: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  /** Rejects when the store cannot do its work any more; otherwise pending. */
  readonly failed: Promise<never>;

  constructor(input: WorkerInput) {
    this.#input = input;
    this.failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
    const { author, store } = input;
    // What this one leaves must be dead before its leases are over, for then others start it again.
    this.#custody = createCustody({ guardAfterMs: store.leaseMs / 2 });
    this.#places = runWorkspaces({ runCheck: this.#runCheck, ...(author === null ? {} : { author }) });
    this.#engine = new Engine({
      store: input.store,
      clock: systemClock,
      roster: this.#roster(),
      custody: this.#custody,
      workplace: workplaceOnDisk({
        logsOf: logFolder,
        receiptsOf: receiptFolder,
        workspaces: this.#places.workspaces,
      }),
      runCheck: this.#runCheck,
      checkSlots: availableParallelism(),
      tags: input.tags,
      vitals: createVitals(),
      observer: {
        started: input.onStarted,
        ended: (task) => {
          this.#places.ended(this.#rootOf(task.runId), task);
          input.onEnded(task);
        },
      },
    });
  }

  get workerId(): string {
    return this.#custody.self.workerId;
  }

  /** Ends what dead workers left on this machine, says what it offers, and takes tasks from now on. */
  async start(): Promise<void> {
    await this.#reapOrphans();
    await this.#say();
    this.#stopListening = this.#input.store.onChange((foreign) => {
      if (foreign) this.#look();
    });
    this.#look();
    this.#later();
  }

  /** Takes no more; resolves when what runs has ended, or after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    await this.#say().catch(() => undefined);
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      const stopTimer = systemClock.timer(graceMs, resolve, true);
      this.#onRest = () => {
        stopTimer();
        resolve();
      };
    });
  }

  /** Hands back what still runs, uncounted, once it is dead, and signs off. */
  async stop(reason: string): Promise<void> {
    this.#isDraining = true;
    this.#stopLooking();
    this.#stopListening();
    await this.#engine.interrupt(reason);
    await this.#places.close();
    for (const unguard of this.#unguards.values()) unguard();
    await this.#input.store.label(this.#custody.self, null);
  }

  /** Slots of this worker; none any more once it drains. */
  #roster(): Roster {
    const roster = fixedRoster(this.#input.agents);
    return {
      agents: () => roster.agents(),
      free: (agent) => (this.#isDraining ? 0 : roster.free(agent)),
      take: (agentId, slot) => {
        this.#running++;
        roster.take(agentId, slot);
      },
      release: (agentId, slot) => {
        this.#running--;
        roster.release(agentId, slot);
        if (this.#running === 0) this.#onRest();
      },
    };
  }

  #later(): void {
    this.#stopLooking = systemClock.timer(
      lookMs,
      () => {
        this.#look();
        this.#later();
      },
      true,
    );
  }

  #look(): void {
    if (this.#isLooking || this.#isDraining) return;
    this.#isLooking = true;
    this.#driveOpenRuns()
      .then(() => this.#say())
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#isLooking = false;
      });
  }

  async #driveOpenRuns(): Promise<void> {
    for (const run of await this.#input.store.openRuns()) {
      if (this.#driven.has(run.runId) || this.#isDraining) continue;
      const { total, phases } = await this.#input.store.counts(run.runId);
      // Its coordinator has yet to say how it ended.
      if (total === (phases.ended ?? 0)) continue;
      this.#drive(run);
    }
  }

  #drive({ runId, root, failFast }: RunRecord): void {
    const place = existsSync(root) ? root : this.#input.root;
    this.#driven.set(runId, place);
    this.#unguards.set(runId, this.#custody.guardRun(runId));
    this.#engine.drive({ runId, root: place, failFast }).done.then(
      () => {
        this.#driven.delete(runId);
        this.#unguards.get(runId)?.();
        this.#unguards.delete(runId);
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #rootOf(runId: string): string {
    return this.#driven.get(runId) ?? this.#input.root;
  }

  async #say(): Promise<void> {
    const { store, agents, tags } = this.#input;
    const label: WorkerLabel = {
      host: hostname(),
      agents: Object.fromEntries(agents.map(({ agentId, maxConcurrent }) => [agentId, maxConcurrent])),
      tags,
      since: this.#since,
      draining: this.#isDraining,
    };
    await store.label(this.#custody.self, label);
  }

  /** Processes here whose attempt is in nobody's hands any more, or in those of a worker that is dead. */
  async #reapOrphans(): Promise<void> {
    for (const mark of livingMarks()) {
      const [runId = "", task = "", attempt] = mark.split("/");
      const [state] = await this.#input.store.tasks({ runId, taskIds: [decodeURIComponent(task)] });
      // A mark of another store's run: not ours to judge.
      if (state === undefined) continue;
      const isNewest = isHeld(state) && state.attempt === Number(attempt);
      if (isNewest && !(await this.#isOfDead(runId, mark))) continue;
      this.#input.onNotice(`ending what a dead worker left running: ${mark}`);
      await this.#custody.reap(mark);
    }
  }

  async #isOfDead(runId: string, mark: string): Promise<boolean> {
    const held = await this.#input.store.held(runId);
    return held.some(({ claim, worker }) => markOf(claim) === mark && this.#custody.isDead(worker));
  }
}
