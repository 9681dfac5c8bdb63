/** Where one task stands: the fold of its events. */
import type { Approval, Receipt, Verdict, Work } from "../result.ts";
import type { FarmTask } from "../task.ts";
import type { Usage } from "../usage.ts";
import type { Answer } from "./events.ts";

/** Where a task stands between being queued and its end. @public */
export type TaskPhase =
  | "queued"
  | "ready"
  | "running"
  | "verifying"
  | "cancelling"
  | "retry-wait"
  | "quota-wait"
  | "approval-wait"
  | "ended";

/** Phases in which an attempt holds a slot of its agent. @public */
export const heldPhases: readonly TaskPhase[] = ["running", "verifying", "cancelling"];

/** How a task ended, as far as its own events tell. @public */
export interface TaskEnd {
  readonly verdict: Verdict;
  readonly reason: string | null;
  /** Unix milliseconds. */
  readonly at: number;
}

/** All that is known of a task, folded from its events. @public */
export interface TaskState {
  readonly runId: string;
  readonly spec: FarmTask;
  /** Order of submission within the store. */
  readonly sequence: number;
  readonly phase: TaskPhase;
  /** Milliseconds of estimated work on the longest path that waits behind this task. */
  readonly behindMs: number;
  /** The day it is served on, by priority and the day it became ready; `null` before it was ready. */
  readonly serveDay: number | null;
  /** Number of the newest attempt; 0 before the first. */
  readonly attempt: number;
  /** Attempts that used up one of `retry.maxAttempts`. */
  readonly failures: number;
  /** Attempts that used up one of `retry.maxLost`. */
  readonly losses: number;
  /** Counted attempts the newest agent allows when the task does not say. */
  readonly maxAttempts: number;
  readonly agentId: string | null;
  /** Who holds the newest attempt; `null` when nobody does. */
  readonly workerId: string | null;
  /** Unix milliseconds at which the newest attempt started. */
  readonly startedAt: number | null;
  /** Unix milliseconds before which it is not tried again. */
  readonly notBefore: number | null;
  readonly answer: Answer | null;
  /** Whether the newest attempt answered and lost its worker before its checks were over: they are all that is open of it. */
  readonly unchecked: boolean;
  readonly receipts: readonly Receipt[];
  /** What the newest attempt left in a workspace of its own, once that is safe. */
  readonly work: Work | null;
  /** What persons said to it, in order; it outlives a reopening. */
  readonly approvals: readonly Approval[];
  /** What the next attempt is told of the last one. */
  readonly feedback: string | null;
  /** The session of the newest attempt whose agent named one. */
  readonly sessionId: string | null;
  readonly progress: number | null;
  /** Summed over all attempts that stated theirs; `null` before the first that ended. */
  readonly usage: Usage | null;
  readonly cancelReason: string | null;
  readonly end: TaskEnd | null;
}

/** Whether an attempt of this task holds a slot. @public */
export function isHeld(task: TaskState): boolean {
  return task.phase === "running" || task.phase === "verifying" || task.phase === "cancelling";
}

/** Whether a task ended as a success, verified or not, so that what depends on it may start. @public */
export function hasSucceeded(task: TaskState): boolean {
  return task.end !== null && (task.end.verdict === "verified" || task.end.verdict === "unverified");
}
