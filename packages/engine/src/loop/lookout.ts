/** Keeps an eye on what other processes do with the runs of this engine while it drives any. */
import type { TaskState } from "mai-orchestration-core";
import type { Clock } from "../ports/clock.ts";
import type { Custody } from "../ports/custody.ts";
import type { ClaimRef, HeldAttempt, Outcome, Store } from "../ports/store.ts";
import { markOf } from "./mark.ts";

/** How often leases are renewed and dead owners looked for, even when the store reports no change. */
const renewMs = 5_000;

/** What the lookout sees and says. */
export interface LookoutPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly custody: Custody;
  /** The claims held here. */
  claims(): readonly ClaimRef[];
  runIds(): ReadonlySet<string>;
  onLost(claim: ClaimRef): void;
  onCancelled(claim: ClaimRef): void;
  onEnded(tasks: readonly TaskState[]): void;
  /** Something may be ready that was not. */
  onChanged(): void;
  onFailed(error: unknown): void;
}

export class Lookout {
  readonly #ports: LookoutPorts;
  #looking = false;
  /** What must be looked at once the look under way is over. */
  #lookAgain: { readonly renew: boolean } | null = null;
  #stopListening: (() => void) | null = null;
  #stopTimer: (() => void) | null = null;

  constructor(ports: LookoutPorts) {
    this.#ports = ports;
  }

  start(): void {
    this.#stopListening ??= this.#ports.store.onChange((foreign) => {
      if (foreign) this.#look(false);
    });
    this.#stopTimer ??= this.#later();
  }

  stop(): void {
    this.#stopListening?.();
    this.#stopListening = null;
    this.#stopTimer?.();
    this.#stopTimer = null;
  }

  /** Settles as lost what engines that are proven dead held, once their processes are gone. */
  async reclaim(): Promise<void> {
    await this.#reclaim(await this.#ports.store.held());
  }

  async #reclaim(held: readonly HeldAttempt[]): Promise<void> {
    const { store, custody } = this.#ports;
    for (const { claim, worker } of held) {
      if (worker.workerId === custody.self.workerId || !custody.isDead(worker)) continue;
      await custody.takeOver(worker);
      await custody.reap(markOf(claim));
      const isCancelling = claim.task.phase === "cancelling";
      const outcome: Outcome = isCancelling
        ? { type: "cancelled" }
        : { type: "lost", reason: "its engine died" };
      const settlement = await store.settle(claim, outcome);
      if (settlement.ok) this.#ports.onEnded(settlement.ended);
    }
  }

  /** A drive waits for somebody else at times, with nothing of its own that would keep the process alive. */
  #later(): () => void {
    const fire = (): void => {
      this.#stopTimer = this.#later();
      this.#look(true);
    };
    return this.#ports.clock.timer(renewMs, fire, true);
  }

  /** One look at a time: ending what dead engines left can take seconds. */
  #look(renew: boolean): void {
    if (this.#looking) {
      this.#lookAgain = { renew: renew || this.#lookAgain?.renew === true };
      return;
    }
    this.#looking = true;
    this.#inspect(renew)
      .then(
        () => this.#ports.onChanged(),
        (error: unknown) => this.#ports.onFailed(error),
      )
      .finally(() => {
        this.#looking = false;
        const again = this.#lookAgain;
        this.#lookAgain = null;
        if (again !== null && this.#stopTimer !== null) this.#look(again.renew);
      });
  }

  /** A look for changes of others only reads: two engines that wrote at each other's writes would never rest. */
  async #inspect(renew: boolean): Promise<void> {
    const { store, custody } = this.#ports;
    if (renew) {
      const { lost } = await store.renew(custody.self, this.#ports.claims());
      for (const claim of lost) this.#ports.onLost(claim);
    }
    // Of all runs: what a dead engine holds in another run takes slots and locks from ours.
    const held = await store.held();
    for (const { claim } of held) if (claim.task.phase === "cancelling") this.#ports.onCancelled(claim);
    await this.#reclaim(held);
  }
}
