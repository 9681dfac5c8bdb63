/** The facts of the journal. Every state is a fold of these; see `evolve.ts`. */
import type { DeliveryEvent } from "../delivery.ts";
import type { Receipt, Verdict, Work } from "../result.ts";
import type { FarmTask } from "../task.ts";
import type { ModelUsage, Usage } from "../usage.ts";

/** What an agent said when it was done. @public */
export interface Answer {
  /** At most 64 KB; the whole of it is in `outputFile`. */
  readonly output: string;
  readonly outputFile: string | null;
  readonly artifacts: readonly string[];
  /** What a person should know although the attempt went on, such as a refused permission. */
  readonly issues: readonly string[];
  readonly sessionId: string | null;
  readonly usage: Usage;
  /** The same by model; absent where the agent does not say which models it asked. */
  readonly models?: ModelUsage;
  /** Milliseconds from the attempt's start to the answer. */
  readonly durationMs: number;
  readonly sharedWorkspace: boolean;
  /** What fits the task's `outputSchema`; absent without one. */
  readonly structuredOutput?: unknown;
}

/**
 * Why an attempt ended without success.
 *
 * `task`: the work itself failed, another try may help. `permanent`: another
 * try cannot help. `transient`: the way to the agent failed (overload, network).
 * `refused`: a person turned down what it left. `quota`, `login`: somebody must wait or act; not counted.
 *
 * @public
 */
export type FailureKind =
  | "task"
  | "check"
  | "timeout"
  | "transient"
  | "permanent"
  | "refused"
  | "quota"
  | "login";

/** Who answered, and how. @public */
export interface ApprovalFact {
  /** 0 before the first. */
  readonly attempt: number;
  readonly by: string;
  /** What the answer came through, such as `cli`. */
  readonly via: string;
  readonly note: string | null;
}

/** One fact about one task. @public */
export type TaskEvent =
  | { readonly type: "task.queued"; readonly task: FarmTask; readonly behindMs: number }
  | { readonly type: "task.ready"; readonly serveDay: number }
  | {
      readonly type: "attempt.started";
      readonly attempt: number;
      readonly agentId: string;
      readonly workerId: string;
      /** Counted attempts this task may have when `retry.maxAttempts` does not say. */
      readonly maxAttempts: number;
    }
  /**
   * Another worker goes on with an attempt whose worker is gone. One that had answered repeats its checks, and nothing
   * else; one that had not is followed to its end. Receipts of before count no more.
   */
  | {
      readonly type: "attempt.adopted";
      readonly attempt: number;
      /** Whose slot it takes. */
      readonly agentId: string;
      readonly workerId: string;
      /** Whether the death of its last worker uses up one of `retry.maxLost` by this; else an `attempt.lost` says it. */
      readonly counted: boolean;
    }
  | {
      readonly type: "attempt.progressed";
      readonly attempt: number;
      /** Percent, 0 to 100, when the agent reports a number. */
      readonly progress: number | null;
      readonly message: string | null;
      readonly sessionId: string | null;
    }
  | { readonly type: "attempt.answered"; readonly attempt: number; readonly answer: Answer }
  | { readonly type: "check.passed"; readonly attempt: number; readonly receipt: Receipt }
  | { readonly type: "check.failed"; readonly attempt: number; readonly receipt: Receipt }
  /** What the attempt left in a workspace of its own is safe, whatever dies. */
  | { readonly type: "attempt.kept"; readonly attempt: number; readonly work: Work }
  | {
      readonly type: "attempt.failed";
      readonly attempt: number;
      readonly reason: string;
      readonly kind: FailureKind;
      /** Whether it uses up one of `retry.maxAttempts`. */
      readonly counted: boolean;
      /** What the agent left when it failed before it could answer; `null` when `attempt.answered` says it. */
      readonly answer: Answer | null;
      /** What the next attempt is told. */
      readonly feedback: string | null;
    }
  | {
      readonly type: "attempt.lost";
      readonly attempt: number;
      readonly reason: string;
      /** Whether it uses up one of `retry.maxLost`; an interruption by a person does not. */
      readonly counted: boolean;
      /** What the agent left when it was stopped before it could answer. */
      readonly answer?: Answer | null;
    }
  /** Waits for a person: before its first attempt (0), or after an attempt whose checks passed. */
  | { readonly type: "approval.requested"; readonly attempt: number }
  | ({ readonly type: "approval.given" } & ApprovalFact)
  | ({ readonly type: "approval.refused" } & ApprovalFact)
  | { readonly type: "attempt.refused"; readonly attempt: number; readonly reason: string }
  | {
      readonly type: "task.retried";
      readonly attempt: number;
      /** Unix milliseconds before which it is not tried again. */
      readonly notBefore: number;
      readonly wait: "retry" | "quota";
    }
  | {
      readonly type: "task.succeeded";
      readonly attempt: number;
      readonly verdict: "verified" | "unverified";
      /** Why it is not verified although it has checks. */
      readonly reason?: string;
    }
  | { readonly type: "task.failed"; readonly attempt: number; readonly reason: string }
  | { readonly type: "task.blocked"; readonly reason: string }
  | { readonly type: "task.cancel-requested"; readonly reason: string }
  | { readonly type: "task.cancelled"; readonly attempt: number; readonly reason: string }
  /** A person wants it tried again, with fresh budgets; its attempts are numbered on. */
  | { readonly type: "task.reopened"; readonly reason: string };

/** What `run.finished` says of each task. @public */
export interface RunResult {
  readonly taskId: string;
  readonly status: "success" | "failure" | "blocked";
  readonly verdict: Verdict;
  readonly attempts: number;
  readonly reason?: string;
}

/** One fact about a whole run. @public */
export type RunEvent =
  | {
      readonly type: "run.created";
      readonly name: string | null;
      readonly root: string;
      readonly parallel: number | null;
      readonly failFast: boolean;
      readonly timeoutMs: number | null;
      readonly sharedChecks: boolean;
      /** US dollars; absent or `null` for no ceiling. */
      readonly maxCostUsd?: number | null;
    }
  | {
      readonly type: "run.resumed";
      /** Tasks that have ended and are not run again. */
      readonly reused: number;
      readonly open: number;
      /** Of the open ones: those that had answered, and of which only the checks are run. */
      readonly answered?: readonly string[];
      /** Those whose processes live: they are adopted where their agent can be, else ended and tried again. */
      readonly alive?: readonly string[];
      /** Those whose processes are dead: settled from a complete answer where they left one, else tried again. */
      readonly dead?: readonly string[];
      /** The run's new ceiling in US dollars; absent when it stays. */
      readonly maxCostUsd?: number;
    }
  | { readonly type: "run.interrupted"; readonly reason: string; readonly resume: string }
  | {
      readonly type: "run.finished";
      readonly verdict: Verdict;
      readonly results: readonly RunResult[];
    }
  | DeliveryEvent;

/** One fact, about a task or about a whole run. @public */
export type MaiEvent = TaskEvent | RunEvent;

/** A fact as the journal keeps it. `taskId` is absent for facts about the run. @public */
export type JournalEntry = MaiEvent & {
  /** Rises with every entry of a store. */
  readonly seq: number;
  /** Unix milliseconds by the store's clock. */
  readonly at: number;
  readonly runId: string;
  readonly taskId?: string;
};
