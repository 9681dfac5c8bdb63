/** What an engine talks to the world through. */
import type { TaskState } from "mai-orchestration-core";
import type { RunCheck } from "../ports/checks.ts";
import type { Clock } from "../ports/clock.ts";
import type { Custody } from "../ports/custody.ts";
import type { Roster } from "../ports/roster.ts";
import type { Claim, Store } from "../ports/store.ts";
import type { Vitals } from "../ports/vitals.ts";
import type { Workplace } from "../ports/workplace.ts";

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
  /** What is known of attempts that say nothing. @defaultValue only their reports */
  readonly vitals?: Vitals;
  /**
   * Milliseconds without renewal after which the attempts of an engine elsewhere, whose death nobody here can prove,
   * are taken over. @defaultValue 60_000
   */
  readonly leaseMs?: number;
  /** What this machine has, for tasks that require it. @defaultValue nothing */
  readonly tags?: readonly string[];
  readonly observer?: Observer;
  /**
   * Values that nothing which is kept may show, beside secrets of known shapes and those of agents and tasks.
   * @defaultValue none
   */
  readonly secrets?: readonly string[];
}
