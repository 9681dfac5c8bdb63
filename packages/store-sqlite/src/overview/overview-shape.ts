/** What an overview tells, and what is asked for it. */
import type { RunCounts, RunRecord, WorkerIdentity } from "mai-orchestration-engine";

/** How a task ended, in the journal's words; what a person looks at first stands first. @public */
export const endTypes = ["task.failed", "task.blocked", "task.cancelled", "task.succeeded"] as const;

/** How a task ended. @public */
export type EndType = (typeof endTypes)[number];

/** The end of one task. @public */
export interface EndedTask {
  readonly taskId: string;
  readonly type: EndType;
  /** Why, for those that did not succeed; `null` where the journal gives no reason. */
  readonly reason: string | null;
}

/** A running attempt. @public */
export interface HeldTask {
  readonly taskId: string;
  readonly agentId: string | null;
  /** Unix milliseconds. */
  readonly startedAt: number | null;
}

/** A task that waits for a person. @public */
export interface AskingTask {
  readonly taskId: string;
  /** What it is asked about; 0 when it has not started. */
  readonly attempt: number;
}

/** Where one run stands. @public */
export interface RunOverview {
  readonly run: RunRecord;
  readonly counts: RunCounts;
  /** Running attempts, at most `mostTasks` of them. */
  readonly held: readonly HeldTask[];
  /** Tasks that wait for a person, at most `mostTasks` of them. */
  readonly asking: readonly AskingTask[];
  /** Who holds attempts of the run or has claimed from it since it was last interrupted or finished. */
  readonly workers: readonly WorkerIdentity[];
  /** How many tasks ended after `afterSeq`, by how. */
  readonly ends: Readonly<Record<EndType, number>>;
  /** Those that ended after `afterSeq`, of each type the newest `mostTasks`, in the order of `endTypes`. */
  readonly ended: readonly EndedTask[];
}

/** A store at one moment. @public */
export interface Overview {
  /** Of the newest entry of the journal; 0 when there is none. */
  readonly seq: number;
  /** Open ones, newest first, then those that finished: with ends after `afterSeq`, and the newest three in any case. */
  readonly runs: readonly RunOverview[];
  /** Runs of either kind for which there was no room. */
  readonly more: { readonly open: number; readonly finished: number };
}

/** What is asked of a store. @public */
export interface OverviewQuery {
  /** The place in the journal after which ends are told; `null`: no ends are told. */
  readonly afterSeq: number | null;
  /** Of open runs and of finished ones. */
  readonly mostRuns: number;
  /** Named per run and kind. */
  readonly mostTasks: number;
}
