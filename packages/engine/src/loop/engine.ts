/**
 * The one loop that waits: it claims what its free slots allow, runs attempts,
 * renews leases and settles outcomes. What ended in one turn is settled in the
 * same transaction in which the next attempts are claimed, so a slot that
 * frees is filled at once.
 */
import { formatDuration, invariant, type TaskState } from "mai-orchestration-core";
import type { Agent } from "../ports/agent.ts";
import type {
  Cancellation,
  Claim,
  Claimed,
  Note,
  Offer,
  Outcome,
  Scope,
  Settlement,
} from "../ports/store.ts";
import type { AttemptPorts } from "./attempt.ts";
import { Attempts } from "./attempts.ts";
import { Drive, type DriveEnd, type DriveHandle, type DriveOptions } from "./drive.ts";
import type { EnginePorts } from "./engine-ports.ts";
import { Lookout } from "./lookout.ts";
import type { Running } from "./running.ts";
import { semaphore } from "./semaphore.ts";

/** Brings tasks to their ends. One engine drives any number of runs. @public */
export class Engine {
  readonly #ports: EnginePorts;
  readonly #attempts: Attempts;
  readonly #lookout: Lookout;
  readonly #drives = new Set<Drive>();
  readonly #withCheckSlot: <T>(work: () => Promise<T>) => Promise<T>;
  #finished: { readonly running: Running; readonly outcome: Outcome }[] = [];
  #turnScheduled = false;
  #claiming = false;
  #claimAgain = false;
  /** Why nothing is claimed any more; `null` while the engine works. */
  #stopped: string | null = null;
  #stopWake: () => void = () => undefined;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
    this.#withCheckSlot = semaphore(ports.checkSlots);
    this.#attempts = new Attempts({
      workplace: ports.workplace,
      attempt: this.#attemptPorts(),
      onFinished: (running, outcome) => this.#onFinished(running, outcome),
      onFailed: (error) => this.#fail(error),
    });
    this.#lookout = new Lookout({
      store: ports.store,
      clock: ports.clock,
      custody: ports.custody,
      claims: () => this.#attempts.claims(),
      runIds: () => [...this.#drives].map((drive) => drive.options.runId),
      onLost: (claim) => this.#attempts.stop(claim, "lost"),
      onCancelled: (claim) => this.#attempts.stop(claim, "cancelled"),
      onEnded: (tasks) => this.#ended(tasks),
      onChanged: () => this.#schedule(),
      onFailed: (error) => this.#fail(error),
    });
  }

  /** Brings tasks to their ends. */
  drive(options: DriveOptions): DriveHandle {
    const drive = new Drive(options);
    this.#drives.add(drive);
    this.#lookout.start();
    if (options.timeoutMs !== undefined) {
      const reason = `overall timeout of ${formatDuration(options.timeoutMs)}`;
      const cancelRest = (): void => this.#cancelRest(drive, reason);
      drive.stopTimer = this.#ports.clock.timer(options.timeoutMs, cancelRest, true);
    }
    this.#lookout.reclaim(options.runId).then(
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
    for (const { spec, attempt } of cancellation.asked) {
      this.#attempts.stop({ runId, taskId: spec.taskId, attempt }, "cancelled");
    }
    this.#ended(cancellation.ended);
    return cancellation;
  }

  /** Ends what runs here, uncounted, and every drive; resolves when all of it is dead and journalled. */
  async interrupt(reason: string): Promise<void> {
    this.#stopped ??= reason;
    this.#attempts.stopAll("interrupted");
    this.#schedule();
    await Promise.allSettled([...this.#drives].map((drive) => drive.done));
  }

  #schedule(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    this.#ports.clock.soon(() => this.#turn());
  }

  /** Settles and claims in one go: the store keeps both in one transaction. */
  #turn(): void {
    this.#turnScheduled = false;
    const finished = this.#finished;
    this.#finished = [];
    for (const { running, outcome } of finished) {
      this.#ports.store.settle(running.claim, outcome).then(
        (settlement) => this.#settled(running, settlement),
        (error: unknown) => this.#fail(error),
      );
    }
    if (this.#claiming) this.#claimAgain = true;
    else if (!this.#claim()) this.#lookForEnds();
  }

  /** Asks the store for attempts; `false` when none could be started anyway. */
  #claim(): boolean {
    if (this.#stopped !== null || this.#attempts.isClosed) return false;
    const scopes = [...this.#drives].filter((drive) => drive.wantsMore).map(scopeOf);
    const { roster, custody, store } = this.#ports;
    const offers = roster.agents().map((agent) => offerOf(agent, roster.free(agent)));
    if (scopes.length === 0 || !offers.some((offer) => offer.free > 0)) return false;

    this.#claiming = true;
    const idle = this.#attempts.size === 0;
    store.claim({ worker: custody.self, scopes, offers, idle }).then(
      (claimed) => this.#claimed(claimed),
      (error: unknown) => this.#fail(error),
    );
    return true;
  }

  #claimed({ claims, nextWakeAt }: Claimed): void {
    this.#claiming = false;
    for (const claim of claims) this.#start(claim);
    this.#stopWake();
    if (nextWakeAt !== null) {
      const wait = Math.max(1, nextWakeAt - this.#ports.clock.now());
      this.#stopWake = this.#ports.clock.timer(wait, () => this.#schedule(), true);
    }
    if (this.#claimAgain) {
      this.#claimAgain = false;
      this.#schedule();
    } else if (claims.length === 0) this.#lookForEnds();
  }

  #start(claim: Claim): void {
    const { roster, observer } = this.#ports;
    const agent = roster.agents().find((one) => one.agentId === claim.task.agentId);
    const drive = [...this.#drives].find((one) => one.wants(claim.runId, claim.taskId));
    invariant(agent !== undefined && drive !== undefined, "a claim is of an agent and a drive that asked");
    roster.take(agent.agentId, claim.taskId);
    const running = this.#attempts.start(claim, agent, drive);
    if (this.#stopped !== null) running.stop("interrupted");
    observer?.started?.(claim);
    void this.#attempts.follow(running);
  }

  #attemptPorts(): AttemptPorts {
    const { clock, runCheck, workplace } = this.#ports;
    return {
      clock,
      runCheck,
      withCheckSlot: this.#withCheckSlot,
      append: (claim, note) => this.#append(claim, note),
      keep: (claim, root, output) => workplace.keep(root, claim, output),
    };
  }

  async #append(claim: Claim, note: Note): Promise<boolean> {
    try {
      const held = await this.#ports.store.append(claim, note);
      if (held && note.type === "progress" && note.progress !== null) {
        this.#ports.observer?.progressed?.(claim, note.progress);
      }
      return held;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #onFinished(running: Running, outcome: Outcome): void {
    this.#ports.roster.release(running.agent.agentId, running.claim.taskId);
    this.#finished.push({ running, outcome });
    this.#schedule();
  }

  #settled(running: Running, settlement: Settlement): void {
    if (settlement.ok) {
      this.#ended(settlement.ended);
      if (settlement.readied) this.#schedule();
    } else if (settlement.refusal === "not-cancelling") {
      // Stopped for a cancellation that the store does not know of: it goes back as it came.
      const outcome: Outcome = { type: "interrupted", reason: "stopped by its engine" };
      this.#finished.push({ running, outcome });
      this.#schedule();
    }
    if (this.#attempts.size === 0) this.#schedule();
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

  /** Nothing was claimed: drives of which nothing runs may be over, by our doing or by that of others. */
  #lookForEnds(): void {
    if (this.#claiming || this.#finished.length > 0) return;
    for (const drive of this.#drives) {
      if (drive.running > 0) continue;
      if (this.#stopped !== null) this.#finish(drive, "interrupted");
      else this.#lookForEnd(drive).catch((error: unknown) => this.#fail(error));
    }
  }

  async #lookForEnd(drive: Drive): Promise<void> {
    const { store } = this.#ports;
    const { runId } = drive.options;
    if (drive.open === null) {
      const { total, phases } = await store.counts(runId);
      if (total === (phases.ended ?? 0) && drive.running === 0) this.#finish(drive, "ended");
    } else {
      this.#ended(await store.tasks({ runId, taskIds: [...drive.open], phases: ["ended"] }));
    }
  }

  #finish(drive: Drive, end: DriveEnd): void {
    if (drive.isOver) return;
    this.#drives.delete(drive);
    drive.finish(end);
    this.#rest();
  }

  /** The store cannot do its work: what runs is ended, and every drive rejects once it is dead. */
  #fail(error: unknown): void {
    this.#claiming = false;
    this.#stopped ??= "the store failed";
    this.#attempts.stopAll("lost");
    if (this.#attempts.size > 0) return;
    for (const drive of this.#drives) {
      this.#drives.delete(drive);
      drive.fail(error);
    }
    this.#rest();
  }

  /** Without a drive nothing of the engine may keep the process alive. */
  #rest(): void {
    if (this.#drives.size > 0) return;
    this.#lookout.stop();
    this.#stopWake();
  }
}

function scopeOf({ options, open, freeSlots }: Drive): Scope {
  const { runId } = options;
  return open === null ? { runId, slots: freeSlots } : { runId, slots: freeSlots, only: open };
}

function offerOf(agent: Agent, free: number): Offer {
  const { agentId, capabilities, commands, prose, maxConcurrent } = agent;
  const maxAttemptsFor: Offer["maxAttemptsFor"] = (task) => agent.maxAttemptsFor(task);
  return { agentId, capabilities, commands, prose, maxConcurrent, free, maxAttemptsFor };
}
