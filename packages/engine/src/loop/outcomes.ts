/** Outcomes on their way to the store. */
import type { ClaimRef, Outcome, Settlement, Store } from "../ports/store.ts";
import type { Drive } from "./drive.ts";

/** An attempt's outcome before it is in the store. */
interface Finished {
  readonly claim: ClaimRef;
  readonly outcome: Outcome;
  /** Whose slot it had; `null` when it never began. */
  readonly drive: Drive | null;
}

/** What outcomes need of their engine. */
export interface OutcomesPorts {
  readonly store: Store;
  onSettled(claim: ClaimRef, settlement: Settlement): void;
  /** A drive that started nothing meanwhile may go on. */
  onCertain(): void;
  onFailed(error: unknown): void;
}

export class Outcomes {
  readonly #ports: OutcomesPorts;
  #waiting: Finished[] = [];
  #settling = 0;

  constructor(ports: OutcomesPorts) {
    this.#ports = ports;
  }

  /** Whether one is with the store. */
  get isSettling(): boolean {
    return this.#settling > 0;
  }

  get isEmpty(): boolean {
    return this.#settling === 0 && this.#waiting.length === 0;
  }

  /** It goes to the store with the next turn. */
  add(claim: ClaimRef, outcome: Outcome, drive: Drive | null): void {
    this.#waiting.push({ claim, outcome, drive });
  }

  settleAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) this.#settle(one);
  }

  #settle({ claim, outcome, drive }: Finished): void {
    // Whether this failure is an end only the store knows: until then the drive starts nothing new.
    const doubtful = drive?.options.failFast === true && outcome.type === "failed" ? drive : null;
    if (doubtful !== null) doubtful.doubts++;
    const arrived = (): void => {
      this.#settling--;
      if (doubtful === null) return;
      doubtful.doubts--;
      this.#ports.onCertain();
    };
    this.#settling++;
    this.#ports.store.settle(claim, outcome).then(
      (settlement) => {
        arrived();
        this.#ports.onSettled(claim, settlement);
      },
      (error: unknown) => {
        arrived();
        this.#ports.onFailed(error);
      },
    );
  }
}
