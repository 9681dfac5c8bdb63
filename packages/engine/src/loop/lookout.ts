/** Keeps an eye on what other processes do with the runs of this engine while it drives any. */
import type { Clock } from "../ports/clock.ts";
import type { Custody } from "../ports/custody.ts";
import type { ClaimRef, HeldAttempt, Store } from "../ports/store.ts";
import { Leases } from "./leases.ts";
import { type TakeoverPorts, takeOver } from "./takeover.ts";

/** What the lookout sees and says. */
export interface LookoutPorts extends TakeoverPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly custody: Custody;
  /** Milliseconds without renewal after which a lease is over, where no death can be proven. */
  readonly leaseMs: number;
  /** The claims held here. */
  claims(): readonly ClaimRef[];
  runIds(): ReadonlySet<string>;
  onLost(claim: ClaimRef): void;
  onCancelled(claim: ClaimRef): void;
  /** The leases held here could not be renewed for so long that others will soon take over: what runs must be dead by then. */
  onLosing(): void;
  /** Something may be ready that was not. */
  onChanged(): void;
  onFailed(error: unknown): void;
}

export class Lookout {
  readonly #ports: LookoutPorts;
  readonly #leases: Leases;
  #looking = false;
  /** What must be looked at once the look under way is over. */
  #lookAgain: { readonly renew: boolean } | null = null;
  #stopListening: (() => void) | null = null;
  #stopTimer: (() => void) | null = null;

  constructor(ports: LookoutPorts) {
    this.#ports = ports;
    const { custody, clock, leaseMs, store } = ports;
    this.#leases = new Leases(custody, clock, leaseMs, store.leaseMs !== undefined);
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
    this.#leases.rest();
  }

  /** Takes over what dead engines held. */
  async reclaim(): Promise<void> {
    await this.#reclaim(await this.#ports.store.held());
  }

  async #reclaim(held: readonly HeldAttempt[]): Promise<void> {
    for (const one of held) {
      if (this.#leases.isOver(one)) await takeOver(this.#ports, one, this.#leases.isHere(one.worker));
    }
  }

  /** A drive waits for somebody else at times, with nothing of its own that would keep the process alive. */
  #later(): () => void {
    const fire = (): void => {
      this.#stopTimer = this.#later();
      if (this.#leases.isLosing()) this.#ports.onLosing();
      this.#look(true);
    };
    return this.#ports.clock.timer(this.#leases.renewMs, fire, true);
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
      this.#leases.renewed();
      for (const claim of lost) this.#ports.onLost(claim);
    }
    // Of all runs: what a dead engine holds in another run takes slots and locks from ours.
    const held = await store.held();
    for (const { claim } of held) if (claim.task.phase === "cancelling") this.#ports.onCancelled(claim);
    await this.#reclaim(held);
  }
}
