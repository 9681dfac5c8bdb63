/**
 * Leases where no death can be proven: of engines on other machines. Time counts only as far as this process was
 * awake to see it pass, so that neither a sleep of its own nor a clock that is set ends anybody's lease.
 */
import type { Clock } from "../ports/clock.ts";
import type { Custody, WorkerIdentity } from "../ports/custody.ts";
import type { HeldAttempt } from "../ports/store.ts";

/** How often leases are renewed and looked at, even when the store reports no change; shorter ones more often. */
const renewMs = 5_000;
/** Milliseconds without renewal after which a lease is over. */
export const defaultLeaseMs = 60_000;

/** Time that was seen to pass: longer gaps than two looks are sleep, or a clock that was set. */
class Watch {
  passedMs = 0;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  look(now: number): void {
    const gap = now - this.#at;
    if (gap > 0 && gap <= 2 * renewMs) this.passedMs += gap;
    this.#at = now;
  }

  restart(now: number): void {
    this.passedMs = 0;
    this.#at = now;
  }
}

interface Sighting {
  renewals: number;
  readonly watch: Watch;
}

export class Leases {
  readonly #custody: Custody;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #isByStore: boolean;
  readonly #seen = new Map<string, Sighting>();
  #own: Watch | null = null;

  /** @param isByStore - whether the store ends leases that are not renewed, and only proven deaths are looked for here */
  constructor(custody: Custody, clock: Clock, leaseMs: number, isByStore: boolean) {
    this.#custody = custody;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#isByStore = isByStore;
  }

  /** How often leases are to be renewed. */
  get renewMs(): number {
    return Math.min(renewMs, this.#leaseMs / 4);
  }

  /** Whether the lease of an attempt is over: its engine is dead, or was not heard of for a whole lease. */
  isOver({ worker, renewals }: HeldAttempt): boolean {
    if (worker.workerId === this.#custody.self.workerId) return false;
    if (this.isHere(worker)) return this.#custody.isDead(worker);
    if (this.#isByStore) return false;
    const now = this.#clock.now();
    const sighting = this.#seen.get(worker.workerId);
    if (sighting === undefined) {
      this.#seen.set(worker.workerId, { renewals, watch: new Watch(now) });
      return false;
    }
    if (sighting.renewals === renewals) sighting.watch.look(now);
    else sighting.watch.restart(now);
    sighting.renewals = renewals;
    return sighting.watch.passedMs >= this.#leaseMs;
  }

  /** Whether the death of a worker can be proven here, and its processes be found. */
  isHere(worker: WorkerIdentity): boolean {
    return this.#custody.canTell?.(worker) ?? true;
  }

  /** The leases held here were renewed. */
  renewed(): void {
    this.#own?.restart(this.#clock.now());
  }

  /** To be called as often as leases are renewed. Whether so much time passed without renewal that others will soon take over what runs here. */
  isLosing(): boolean {
    const now = this.#clock.now();
    this.#own ??= new Watch(now);
    this.#own.look(now);
    return this.#own.passedMs >= (this.#leaseMs * 2) / 3;
  }

  /** Nothing is held here, so nothing is renewed. */
  rest(): void {
    this.#own = null;
    this.#seen.clear();
  }
}
