/**
 * The one loop that waits: it claims what its free slots allow, runs attempts,
 * renews leases and settles outcomes. What ended in one turn is settled in the
 * same transaction in which the next attempts are claimed, so a slot that
 * frees is filled at once.
 */
import { demandOf, formatDuration, invariant, type TaskState } from "mai-orchestration-core";
import type { Agent } from "../ports/agent.ts";
import type { RunCheck } from "../ports/checks.ts";
import type { Clock } from "../ports/clock.ts";
import type { Custody } from "../ports/custody.ts";
import type { Roster } from "../ports/roster.ts";
import type { Cancellation, Claim, Claimed, Note, Offer, Outcome, Settlement, Store } from "../ports/store.ts";
import type { Workplace } from "../ports/workplace.ts";
import { runAttempt } from "./attempt.ts";
import { Drive, type DriveEnd, type DriveHandle, type DriveOptions } from "./drive.ts";
import { markOf } from "./mark.ts";
import { Running } from "./running.ts";
import { semaphore } from "./semaphore.ts";

/** Who is told what this engine did, each time after it is durable. @public */
export interface Observer {
  started?(claim: Claim): void;
  progressed?(claim: Claim, progress: number): void;
  /** A task ended, by an attempt or as a consequence; told once for each. */
  ended?(task: TaskState): void;
}

/** What the engine talks to the world through. @public */
export interface EnginePorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly roster: Roster;
  readonly custody: Custody;
  readonly workplace: Workplace;
  readonly runCheck: RunCheck;
  /** Checks that may run at once. */
  readonly checkSlots: number;
  readonly observer?: Observer;
}

/** How often leases are renewed and dead owners looked for. */
const renewMs = 5_000;

/** Brings tasks to their ends. One engine drives any number of runs. @public */
export class Engine {
  readonly #ports: EnginePorts;
  readonly #running = new Map<string, Running>();
  readonly #drives = new Set<Drive>();
  readonly #withCheckSlot: <T>(work: () => Promise<T>) => Promise<T>;
  #finished: { readonly running: Running; readonly outcome: Outcome }[] = [];
  #turnScheduled = false;
  #claiming = false;
  #claimAgain = false;
  #aloneMark: string | null = null;
  #interrupted: string | null = null;
  #stopWake: () => void = () => undefined;
  #stopRenew: (() => void) | null = null;
  #stopListening: (() => void) | null = null;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
    this.#withCheckSlot = semaphore(ports.checkSlots);
  }

  /** Brings tasks to their ends. */
  drive(options: DriveOptions): DriveHandle {
    const drive = new Drive(options);
    this.#drives.add(drive);
    if (this.#interrupted !== null) this.#finish(drive, "interrupted");
    this.#watch();
    if (options.timeoutMs !== undefined) {
      const reason = `overall timeout of ${formatDuration(options.timeoutMs)}`;
      drive.stopTimer = this.#ports.clock.timer(options.timeoutMs, () => this.#cancelRest(drive, reason), true);
    }
    this.#reclaim(options.runId).then(
      () => this.#schedule(),
      (error: unknown) => this.#fail(error),
    );
    return {
      done: drive.done,
      add: (taskIds) => {
        for (const taskId of taskIds) drive.open?.add(taskId);
        this.#schedule();
      },
    };
  }

  /** Cancels tasks of a run; those that run here are told at once. */
  async cancel(runId: string, reason: string, taskIds?: readonly string[]): Promise<Cancellation> {
    const cancellation = await this.#ports.store.cancel(runId, reason, taskIds);
    for (const task of cancellation.asked) this.#running.get(keyOf(task))?.stop("cancelled");
    this.#ended(cancellation.ended);
    return cancellation;
  }

  /** Ends what runs here, uncounted, and every drive; resolves when all of it is dead and journalled. */
  async interrupt(reason: string): Promise<void> {
    this.#interrupted = reason;
    for (const running of this.#running.values()) running.stop("interrupted");
    this.#schedule();
    await Promise.allSettled([...this.#drives].map((drive) => drive.done));
  }

  #schedule(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    setImmediate(() => this.#turn());
  }

  /** Settles and claims in one go: the store keeps both in one transaction. */
  #turn(): void {
    this.#turnScheduled = false;
    const finished = this.#finished;
    this.#finished = [];
    for (const { running, outcome } of finished) {
      const { store } = this.#ports;
      store.settle(running.claim, outcome).then(
        (settlement) => this.#settled(running, settlement),
        (error: unknown) => this.#fail(error),
      );
    }
    this.#claim();
  }

  #claim(): void {
    if (this.#claiming) {
      this.#claimAgain = true;
      return;
    }
    if (this.#interrupted !== null || this.#aloneMark !== null) return this.#finishIdle(null);
    const scopes = [...this.#drives]
      .filter((drive) => !drive.isOver && !drive.isCancelling && drive.freeSlots > 0)
      .map(({ options, open, freeSlots }) => ({
        runId: options.runId,
        slots: freeSlots,
        ...(open === null ? {} : { only: open }),
      }));
    const offers = this.#ports.roster.agents().map((agent) => offerOf(agent, this.#ports.roster.free(agent)));
    if (scopes.length === 0 || !offers.some((offer) => offer.free > 0)) return this.#finishIdle(null);

    this.#claiming = true;
    const idle = this.#running.size === 0;
    this.#ports.store.claim({ worker: this.#ports.custody.self, scopes, offers, idle }).then(
      (claimed) => this.#claimed(claimed),
      (error: unknown) => this.#fail(error),
    );
  }

  #claimed({ claims, nextWakeAt }: Claimed): void {
    this.#claiming = false;
    this.#stopWake();
    for (const claim of claims) this.#start(claim);
    if (nextWakeAt !== null) {
      const wait = Math.max(1, nextWakeAt - this.#ports.clock.now());
      this.#stopWake = this.#ports.clock.timer(wait, () => this.#schedule(), true);
    }
    if (this.#claimAgain) {
      this.#claimAgain = false;
      this.#schedule();
    }
    this.#finishIdle(claims.length);
  }

  #start(claim: Claim): void {
    const { roster } = this.#ports;
    const { agentId } = claim.task;
    const agent = roster.agents().find((one) => one.agentId === agentId);
    invariant(agent !== undefined && agentId !== null, "a claim names an agent that was offered");
    const drive = this.#driveOf(claim);
    const running = new Running(claim, agent);
    this.#running.set(keyOf(claim.task), running);
    roster.take(agentId, claim.taskId);
    if (drive !== undefined) drive.running++;
    if (isAlone(claim.task)) this.#aloneMark = markOf(claim);
    if (this.#interrupted !== null) running.stop("interrupted");
    this.#ports.observer?.started?.(claim);
    this.#attempt(running, drive).catch((error: unknown) => {
      this.#leave(running, drive);
      this.#fail(error);
    });
  }

  async #attempt(running: Running, drive: Drive | undefined): Promise<void> {
    const { clock, runCheck, workplace } = this.#ports;
    const { claim } = running;
    const place = workplace.prepare(drive?.options.root ?? "", claim.runId, claim.task.spec, claim.attempt);
    this.#noteSharing(running, place.workspace);
    const outcome = await runAttempt(
      {
        clock,
        runCheck,
        withCheckSlot: this.#withCheckSlot,
        append: (note) => this.#append(claim, note),
      },
      running,
      place,
    );
    running.stoppable = false;
    this.#leave(running, drive);
    this.#finished.push({ running, outcome });
    this.#schedule();
  }

  async #append(claim: Claim, note: Note): Promise<boolean> {
    const held = await this.#guard(this.#ports.store.append(claim, note));
    if (held && note.type === "progress" && note.progress !== null) {
      this.#ports.observer?.progressed?.(claim, note.progress);
    }
    return held;
  }

  #leave(running: Running, drive: Drive | undefined): void {
    const { claim } = running;
    this.#running.delete(keyOf(claim.task));
    this.#ports.roster.release(running.agent.agentId, claim.taskId);
    if (drive !== undefined) drive.running--;
    if (this.#aloneMark === markOf(claim)) this.#aloneMark = null;
  }

  #settled(running: Running, settlement: Settlement): void {
    if (settlement.ok) {
      this.#ended(settlement.ended);
      if (settlement.readied) this.#schedule();
    } else if (settlement.refusal === "not-cancelling") {
      // Stopped for a cancellation that the store does not know: it was taken over meanwhile.
      this.#finished.push({ running, outcome: { type: "interrupted", reason: "stopped by its engine" } });
      this.#schedule();
    }
    if (this.#running.size === 0 && this.#finished.length === 0) this.#schedule();
  }

  #ended(tasks: readonly TaskState[]): void {
    for (const task of tasks) {
      this.#ports.observer?.ended?.(task);
      for (const drive of this.#drives) {
        if (!drive.wants(task.runId, task.spec.taskId)) continue;
        drive.open?.delete(task.spec.taskId);
        if (drive.options.failFast === true && task.end?.verdict === "failed") {
          this.#cancelRest(drive, `${task.spec.taskId} failed (fail-fast)`);
        }
        if (drive.open?.size === 0) this.#finish(drive, "ended");
      }
    }
  }

  #cancelRest(drive: Drive, reason: string): void {
    if (drive.isCancelling || drive.isOver) return;
    drive.isCancelling = true;
    const rest = drive.open === null ? undefined : [...drive.open];
    this.cancel(drive.options.runId, reason, rest).then(
      () => this.#schedule(),
      (error: unknown) => this.#fail(error),
    );
  }

  /** When nothing runs and nothing was claimed, looks whether drives are over. */
  #finishIdle(claimed: number | null): void {
    if (this.#claiming || this.#finished.length > 0 || (claimed ?? 0) > 0) return;
    for (const drive of this.#drives) {
      if (drive.running > 0) continue;
      if (this.#interrupted !== null) this.#finish(drive, "interrupted");
      else void this.#guard(this.#lookForEnd(drive));
    }
  }

  async #lookForEnd(drive: Drive): Promise<void> {
    const { store } = this.#ports;
    const { runId } = drive.options;
    if (drive.open === null) {
      const { total, phases } = await store.counts(runId);
      if (total === (phases.ended ?? 0) && drive.running === 0) this.#finish(drive, "ended");
    } else {
      const ended = await store.tasks({ runId, taskIds: [...drive.open], phases: ["ended"] });
      this.#ended(ended);
    }
  }

  #finish(drive: Drive, end: DriveEnd): void {
    if (drive.isOver) return;
    this.#drives.delete(drive);
    drive.finish(end);
    this.#unwatch();
  }

  /** The store cannot do its work: what runs is ended, and every drive rejects once it is dead. */
  #fail(error: unknown): void {
    this.#claiming = false;
    this.#interrupted ??= "the store failed";
    for (const running of this.#running.values()) running.stop("lost");
    if (this.#running.size > 0) return;
    for (const drive of this.#drives) {
      this.#drives.delete(drive);
      drive.fail(error);
    }
    this.#unwatch();
  }

  /** A store that rejects fails the engine; the rejection still reaches the caller. */
  async #guard<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #watch(): void {
    this.#stopListening ??= this.#ports.store.onChange((foreign) => {
      if (foreign) this.#lookAround();
    });
    this.#stopRenew ??= this.#renewLater();
  }

  #unwatch(): void {
    if (this.#drives.size > 0) return;
    this.#stopListening?.();
    this.#stopListening = null;
    this.#stopRenew?.();
    this.#stopRenew = null;
    this.#stopWake();
  }

  #renewLater(): () => void {
    return this.#ports.clock.timer(renewMs, () => {
      this.#stopRenew = this.#renewLater();
      this.#lookAround();
    });
  }

  /** Renews leases, sees what others cancelled or took, reclaims what the dead left, claims anew. */
  #lookAround(): void {
    const claims = [...this.#running.values()].map((running) => running.claim);
    const { store, custody } = this.#ports;
    const renewed = store.renew(custody.self, claims).then(({ lost, cancelled }) => {
      for (const claim of lost) this.#byClaim(claim)?.stop("lost");
      for (const claim of cancelled) this.#byClaim(claim)?.stop("cancelled");
    });
    const runIds = new Set([...this.#drives].map((drive) => drive.options.runId));
    const reclaimed = [...runIds].map((runId) => this.#reclaim(runId));
    Promise.all([renewed, ...reclaimed]).then(
      () => this.#schedule(),
      (error: unknown) => this.#fail(error),
    );
  }

  /** Settles as lost what engines that are proven dead held, once its processes are gone. */
  async #reclaim(runId: string): Promise<void> {
    const { store, custody } = this.#ports;
    for (const { claim, worker } of await store.held(runId)) {
      if (worker.workerId === custody.self.workerId || !custody.isDead(worker)) continue;
      await custody.reap(markOf(claim));
      const outcome: Outcome =
        claim.task.phase === "cancelling" ? { type: "cancelled" } : { type: "lost", reason: "its engine died" };
      const settlement = await store.settle(claim, outcome);
      if (settlement.ok) this.#ended(settlement.ended);
    }
  }

  #noteSharing(running: Running, workspace: string): void {
    if (running.agent.backend === "function") return;
    running.workspace = workspace;
    for (const other of this.#running.values()) {
      if (other === running || other.workspace !== workspace) continue;
      other.shared = true;
      running.shared = true;
    }
  }

  #driveOf(claim: Claim): Drive | undefined {
    for (const drive of this.#drives) if (drive.wants(claim.runId, claim.taskId)) return drive;
    return undefined;
  }

  #byClaim(claim: { readonly runId: string; readonly taskId: string; readonly attempt: number }): Running | undefined {
    const running = this.#running.get(`${claim.runId} ${claim.taskId}`);
    return running?.claim.attempt === claim.attempt ? running : undefined;
  }
}

function offerOf(agent: Agent, free: number): Offer {
  const { agentId, capabilities, commands, prose, maxConcurrent } = agent;
  return { agentId, capabilities, commands, prose, maxConcurrent, free, maxAttemptsFor: (task) => agent.maxAttemptsFor(task) };
}

function keyOf(task: TaskState): string {
  return `${task.runId} ${task.spec.taskId}`;
}

function isAlone(task: TaskState): boolean {
  return demandOf(task.spec, task.losses).alone;
}
