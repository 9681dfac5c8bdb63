/** What one seed stands for, as data: who works, on what, and what goes wrong. */
import type { FarmTask, TaskType } from "mai-orchestration-core";

/** How often things go wrong, each a probability per occasion. Drawn from the seed too: some worlds are calm, some brutal. @public */
export interface FaultRates {
  /** An agent says that it failed. */
  readonly agentFails: number;
  readonly agentTransient: number;
  readonly agentQuota: number;
  readonly agentPermanent: number;
  /** An agent does nothing until it is stopped, or the world has healed. */
  readonly agentHangs: number;
  /** An agent that was told to stop answers all the same. */
  readonly agentAnswersLate: number;
  readonly agentRejects: number;
  /** An agent settles with what is no outcome, or reports nonsense. */
  readonly agentGarbage: number;
  readonly agentReportsLate: number;
  readonly checkFails: number;
  readonly checkHangs: number;
  /** A commit is refused and nothing is written. */
  readonly storeRejectsBefore: number;
  /** A commit is made, and its callers are told that it was not. */
  readonly storeRejectsAfter: number;
  readonly storeBusy: number;
  readonly storeSlow: number;
  /** A worker dies at a call of a port, before or after it took effect. */
  readonly dies: number;
  readonly placeFails: number;
  /** What a program has left tells nothing of how it ended. */
  readonly outputLost: number;
}

/**
 * Somebody who does tasks in a simulated world; what each attempt does is drawn
 * from the world's seed.
 *
 * @public
 */
export interface SimAgent {
  readonly agentId: string;
  /** Agents of backend `function` die with their worker; the processes of others outlive it. */
  readonly backend: "function" | "program";
  readonly capabilities: readonly TaskType[];
  readonly commands: boolean;
  readonly prose: boolean;
  readonly maxConcurrent: number;
  readonly maxAttempts: number;
}

/** A process that drives runs, and is started again when it ended too early. @public */
export interface SimWorker {
  readonly name: string;
  readonly agents: readonly SimAgent[];
  readonly startAtMs: number;
  readonly restartMs: number;
  readonly checkSlots: number;
  /** Tasks it drives first, before it drives the whole run; `null` for none. */
  readonly first: readonly string[] | null;
  /** Attempts of its drives that may run at once; `null` for no limit. */
  readonly parallel: number | null;
}

/** A run that is submitted when the world begins. @public */
export interface SimRun {
  readonly runId: string;
  readonly tasks: readonly FarmTask[];
  readonly parallel: number | null;
  readonly failFast: boolean;
  readonly timeoutMs: number | null;
  /** US dollars; whoever finds the ceiling reached raises it. `null` for none. */
  readonly maxCostUsd: number | null;
}

/** Something done to the world at a moment of its own. @public */
export type SimAction = { readonly atMs: number } & (
  | { readonly type: "kill"; readonly worker: string }
  | { readonly type: "interrupt"; readonly worker: string }
  /** `worker`: through the engine there; `null`: from another terminal. */
  | {
      readonly type: "cancel";
      readonly runId: string;
      readonly taskIds: readonly string[] | null;
      readonly worker: string | null;
    }
  /** Somebody has tasks tried again, all that did not succeed when `null`. */
  | { readonly type: "retry"; readonly runId: string; readonly taskIds: readonly string[] | null }
  | { readonly type: "submit"; readonly runId: string; readonly tasks: readonly FarmTask[] }
  /** The wall clock of the machine jumps. */
  | { readonly type: "jump"; readonly ms: number }
);

/** All that is decided of a simulated world before it begins; equal worlds happen equally. @public */
export interface SimWorld {
  readonly seed: number;
  readonly faults: FaultRates;
  readonly workers: readonly SimWorker[];
  readonly runs: readonly SimRun[];
  readonly actions: readonly SimAction[];
  /** When everything that goes wrong stops going wrong. */
  readonly healAtMs: number;
}
