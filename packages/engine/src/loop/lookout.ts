/** Keeps an eye on what other processes do with the runs of this engine while it drives any. */
import type { TaskState } from "mai-orchestration-core";
import type { Clock } from "../ports/clock.ts";
import type { Custody } from "../ports/custody.ts";
import type { ClaimRef, Outcome, Store } from "../ports/store.ts";
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
  runIds(): Iterable<string>;
  onLost(claim: ClaimRef): void;
  onCancelled(claim: ClaimRef): void;
  onEnded(tasks: readonly TaskState[]): void;
  /** Something may be ready that was not. */
  onChanged(): void;
  onFailed(error: unknown): void;
}

export class Lookout {
  readonly #ports: LookoutPorts;
  #stopListening: (() => void) | null = null;
  #stopTimer: (() => void) | null = null;

  constructor(ports: LookoutPorts) {
    this.#ports = ports;
  }

  start(): void {
    this.#stopListening ??= this.#ports.store.onChange((foreign) => {
      if (foreign) this.#look();
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
  async reclaim(runId: string): Promise<void> {
    const { store, custody } = this.#ports;
    for (const { claim, worker } of await store.held(runId)) {
      if (worker.workerId === custody.self.workerId || !custody.isDead(worker)) continue;
      await custody.reap(markOf(claim));
      const isCancelling = claim.task.phase === "cancelling";
      const outcome: Outcome = isCancelling
        ? { type: "cancelled" }
        : { type: "lost", reason: "its engine died" };
      const settlement = await store.settle(claim, outcome);
      if (settlement.ok) this.#ports.onEnded(settlement.ended);
    }
  }

  #later(): () => void {
    return this.#ports.clock.timer(renewMs, () => {
      this.#stopTimer = this.#later();
      this.#look();
    });
  }

  #look(): void {
    this.#renew().then(
      () => this.#ports.onChanged(),
      (error: unknown) => this.#ports.onFailed(error),
    );
  }

  async #renew(): Promise<void> {
    const { store, custody } = this.#ports;
    const { lost, cancelled } = await store.renew(custody.self, this.#ports.claims());
    for (const claim of lost) this.#ports.onLost(claim);
    for (const claim of cancelled) this.#ports.onCancelled(claim);
    for (const runId of new Set(this.#ports.runIds())) await this.reclaim(runId);
  }
}
