/**
 * The one loop that waits: it claims what its free slots allow, runs attempts,
 * renews leases and settles outcomes. What ended in one turn is settled in the
 * same transaction in which the next attempts are claimed, so a slot that
 * frees is filled at once.
 */
import { type ApprovalAnswer, demandOf, formatDuration } from "mai-orchestration-core";
import type { Agent } from "../ports/agent.ts";
import type { Cancellation, Claim, Claimed, ClaimRef, Note, Outcome, Settlement } from "../ports/store.ts";
import type { AttemptPorts } from "./attempt.ts";
import { Attempts } from "./attempts.ts";
import { Drive, type DriveHandle, type DriveOptions } from "./drive.ts";
import { Drives } from "./drives.ts";
import type { EnginePorts } from "./engine-ports.ts";
import { Governor } from "./governor.ts";
import { heritageOf } from "./heritage.ts";
import { defaultLeaseMs } from "./leases.ts";
import { Lookout } from "./lookout.ts";
import { markOf } from "./mark.ts";
import { Outcomes } from "./outcomes.ts";
import { slotOf } from "./request.ts";
import type { Running, StopCause } from "./running.ts";
import { secretsOf } from "./secrets.ts";
import { semaphore } from "./semaphore.ts";
import type { Heritage } from "./takeover.ts";

/** Brings tasks to their ends. One engine drives any number of runs. @public */
export class Engine {
  readonly #ports: EnginePorts;
  readonly #attempts: Attempts;
  readonly #lookout: Lookout;
  readonly #drives: Drives;
  readonly #outcomes: Outcomes;
  readonly #governor: Governor;
  readonly #withCheckSlot: AttemptPorts["withCheckSlot"];
  #turnScheduled = false;
  #claiming = false;
  #claimAgain = false;
  /** Why nothing is claimed any more; `null` while the engine works. */
  #stopped: string | null = null;
  /** The first error of a store that could not do its work. */
  #failure: { readonly error: unknown } | null = null;
  #stopWake: () => void = () => undefined;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
    this.#withCheckSlot = semaphore(ports.checkSlots);
    this.#governor = new Governor(ports.clock, () => this.#schedule());
    this.#attempts = new Attempts({
      workplace: ports.workplace,
      attempt: this.#attemptPorts(),
      secretsFor: secretsOf(ports.secrets ?? []),
      onFinished: (running, outcome) => this.#onFinished(running, outcome),
    });
    this.#drives = new Drives({
      store: ports.store,
      isSettling: () => this.#outcomes.isSettling,
      onEnded: (task) => ports.observer?.ended?.(task),
      onFailFast: (drive, reason) => this.#cancelRest(drive, reason),
      onFailed: (error) => this.#fail(error),
      onEmpty: () => this.#rest(),
    });
    this.#outcomes = new Outcomes({
      store: ports.store,
      onSettled: (claim, settlement) => this.#settled(claim, settlement),
      onCertain: () => this.#schedule(),
      onFailed: (error) => this.#fail(error),
    });
    this.#lookout = new Lookout({
      store: ports.store,
      clock: ports.clock,
      custody: ports.custody,
      leaseMs: ports.store.leaseMs ?? ports.leaseMs ?? defaultLeaseMs,
      claims: () => this.#attempts.claims(),
      runIds: () => this.#drives.runIds(),
      heritageOf: (claim) => this.#heritageOf(claim),
      onAdopted: (claim) => this.#start(claim, ports.roster.agents(), true),
      onLosing: () => this.#attempts.stopAll("lost"),
      onLost: (claim) => this.#attempts.stop(claim, "lost"),
      onCancelled: (claim) => this.#attempts.stop(claim, "cancelled"),
      onEnded: (tasks) => this.#drives.ended(tasks),
      onChanged: () => {
        this.#drives.suspect();
        this.#schedule();
      },
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
    const isReady = this.#lookout.reclaim().then(() => this.#drives.lookForFailure(drive));
    isReady.then(
      () => this.#schedule(),
      (error: unknown) => this.#fail(error),
    );
    return drive.handle(() => this.#schedule());
  }

  /** Cancels tasks of a run; those that run here are told at once. */
  async cancel(runId: string, reason: string, taskIds?: readonly string[]): Promise<Cancellation> {
    const cancellation = await this.#drives.cancel(runId, reason, taskIds);
    for (const { spec, attempt } of cancellation.asked) {
      this.#attempts.stop({ runId, taskId: spec.taskId, attempt }, "cancelled");
    }
    this.#schedule();
    return cancellation;
  }

  /** Ends tasks that have no running attempt as blocked, such as those that no agent can do. */
  async block(runId: string, reason: string, taskIds: readonly string[]): Promise<void> {
    await this.#drives.block(runId, reason, taskIds);
  }

  /** Hands a person's answer to a task that waits for it; what may start by that starts. */
  answerApproval(runId: string, taskId: string, answer: ApprovalAnswer): Promise<Settlement> {
    return this.#drives.answerApproval(runId, taskId, answer).finally(() => this.#schedule());
  }

  /** Ends what runs here, uncounted, and every drive; resolves when all of it is dead and journalled. */
  async interrupt(reason: string): Promise<void> {
    this.#stop(reason, "interrupted");
    await this.#drives.over();
  }

  #schedule(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    this.#ports.clock.soon(() => this.#turn());
  }

  /** Settles and claims in one go: the store keeps both in one transaction. */
  #turn(): void {
    this.#turnScheduled = false;
    this.#outcomes.settleAll();
    if (this.#claiming) this.#claimAgain = true;
    else if (!this.#claim()) this.#lookForEnds();
  }

  /** Asks the store for attempts; `false` when none could be started anyway. */
  #claim(): boolean {
    if (this.#stopped !== null || this.#attempts.isClosed) return false;
    const scopes = this.#drives.scopes();
    const { roster, custody, store } = this.#ports;
    const agents = roster.agents();
    const free = (agent: Agent): number => roster.free(agent);
    const offers = this.#governor.offers(agents, free, this.#ports.tags);
    if (!this.#drives.shouldAsk(scopes, offers)) return false;

    this.#claiming = true;
    const idle = this.#attempts.size === 0;
    store.claim({ worker: custody.self, scopes, offers, idle }).then(
      (claimed) => this.#claimed(claimed, agents),
      (error: unknown) => {
        this.#claiming = false;
        this.#fail(error);
      },
    );
    return true;
  }

  /** @param agents - those that were offered; one may have left the roster since */
  #claimed({ claims, nextWakeAt, exhausted = [] }: Claimed, agents: readonly Agent[]): void {
    this.#claiming = false;
    for (const claim of claims) this.#start(claim, agents, false);
    for (const run of exhausted) this.#drives.exhausted(run);
    this.#stopWake();
    if (nextWakeAt !== null && !this.#drives.isEmpty) {
      const wait = Math.max(1, nextWakeAt - this.#ports.clock.now());
      this.#stopWake = this.#ports.clock.timer(wait, () => this.#schedule(), true);
    }
    if (this.#claimAgain) {
      this.#claimAgain = false;
      this.#schedule();
    } else this.#lookForEnds();
  }

  /** What can be done here with what a dead engine held. */
  #heritageOf(claim: Claim): Heritage {
    const drive = this.#stopped === null ? this.#drives.driveOf(claim) : undefined;
    return heritageOf(claim, this.#ports.roster.agents(), drive, this.#attempts.isClosed);
  }

  /** @param adopts - whether it was begun by another engine, which is dead */
  #start(claim: Claim, agents: readonly Agent[], adopts: boolean): void {
    const { roster, observer } = this.#ports;
    const agent = agents.find((one) => one.agentId === claim.task.agentId);
    const drive = this.#drives.driveOf(claim);
    if (this.#stopped !== null || agent === undefined || drive === undefined) {
      // The engine was stopped while the store answered: the attempt goes back before it began.
      this.#finish(claim, { type: "interrupted", reason: this.#stopped ?? "nobody waits for it any more" });
      return;
    }
    if (!adopts && this.#attempts.size > 0 && demandOf(claim.task.spec, claim.task.losses).alone) {
      // Something was adopted while the store answered that this one may run alone: it goes back, and its turn will come.
      this.#finish(claim, { type: "interrupted", reason: "it must run alone, and has company" });
      return;
    }
    roster.take(agent.agentId, slotOf(claim));
    const running = this.#attempts.start(claim, agent, drive, adopts);
    observer?.started?.(claim);
    void this.#attempts.follow(running);
  }

  #attemptPorts(): AttemptPorts {
    const { clock, custody, runCheck, workplace, vitals = null } = this.#ports;
    return {
      clock,
      vitals,
      runCheck,
      withCheckSlot: this.#withCheckSlot,
      append: (claim, note) => this.#append(claim, note),
      reap: (claim) => custody.reap(markOf(claim)),
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

  #onFinished({ agent, claim, drive }: Running, outcome: Outcome): void {
    this.#ports.roster.release(agent.agentId, slotOf(claim));
    this.#finish(claim, this.#governor.heard(agent, this.#ports.roster.agents(), outcome), drive);
  }

  /** The outcome goes to the store with the next turn. */
  #finish(claim: ClaimRef, outcome: Outcome, drive: Drive | null = null): void {
    this.#outcomes.add(claim, outcome, drive);
    this.#schedule();
  }

  #settled(claim: ClaimRef, settlement: Settlement): void {
    if (settlement.ok) {
      this.#drives.ended(settlement.ended);
      this.#drives.settled(claim.runId);
      if (settlement.readied) this.#schedule();
    } else {
      // Somebody else decided about the task: what became of it must be asked.
      this.#drives.suspect();
      // Stopped for a cancellation that the store does not know of: it goes back as it came.
      if (settlement.refusal === "not-cancelling") {
        this.#finish(claim, { type: "interrupted", reason: "stopped by its engine" });
      }
    }
    if (this.#attempts.size === 0) this.#schedule();
  }

  #cancelRest(drive: Drive, reason: string): void {
    if (drive.isCancelling || drive.isOver) return;
    drive.isCancelling = true;
    this.cancel(drive.options.runId, reason, drive.rest).then(
      () => this.#schedule(),
      (error: unknown) => this.#fail(error),
    );
  }

  /** Drives of which nothing runs may be over, by our doing or by that of others. */
  #lookForEnds(): void {
    if (this.#claiming || !this.#outcomes.isEmpty) return;
    if (this.#stopped === null) this.#drives.lookForEnds();
    else if (this.#attempts.size === 0) this.#drives.abandon(this.#failure);
  }

  /** The store cannot do its work: what runs is ended, and every drive rejects once it is dead. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stop("the store failed", "lost");
  }

  #stop(reason: string, cause: StopCause): void {
    this.#stopped ??= reason;
    this.#attempts.stopAll(cause);
    this.#schedule();
  }

  /** Without a drive, nothing of the engine may keep the process alive. */
  #rest(): void {
    this.#lookout.stop();
    this.#governor.rest();
    this.#stopWake();
  }
}
