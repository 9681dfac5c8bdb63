/** What can be asked of a task. Each is answered by `decide` with events or a refusal. */
import type { Receipt, Work } from "../result.ts";
import type { Answer, FailureKind } from "./events.ts";

/** Names the attempt that a command is about, and by that fences off all others. @public */
export interface OfAttempt {
  readonly attempt: number;
  /**
   * Who asks. Of an attempt that was adopted only the new holder may go on; absent or `null`, whoever holds it is
   * meant.
   */
  readonly workerId?: string | null;
}

/** What a person says to a task that waits for approval. @public */
export interface ApprovalAnswer {
  readonly approved: boolean;
  /** Who says it. */
  readonly by: string;
  /** What it came through, such as `cli`. */
  readonly via: string;
  /** One that refuses is what the next attempt is told. */
  readonly note: string | null;
  /** The attempt that it was asked about, 0 before the first; `null`: whichever waits. */
  readonly attempt: number | null;
}

/** What may be asked of a task; the rules answer with events or a refusal. @public */
export type TaskCommand =
  /** A dependency succeeded (or there never was one); `open` of them are left. */
  | { readonly type: "release"; readonly open: number }
  /** A dependency ended without success, or no agent can do it. */
  | { readonly type: "block"; readonly reason: string }
  /** The wait for a retry or a quota may be over. */
  | { readonly type: "wake" }
  /** A person wants a task tried again that ended without success. */
  | { readonly type: "reopen"; readonly reason: string }
  | {
      readonly type: "claim";
      readonly agentId: string;
      readonly workerId: string;
      readonly maxAttempts: number;
    }
  /** The holder of a running attempt is dead; `by` goes on with what it left. */
  | ({ readonly type: "adopt"; readonly by: string } & OfAttempt)
  | ({
      readonly type: "progress";
      readonly progress: number | null;
      readonly message: string | null;
      readonly sessionId: string | null;
    } & OfAttempt)
  | ({ readonly type: "answer"; readonly answer: Answer } & OfAttempt)
  | ({ readonly type: "check"; readonly receipt: Receipt } & OfAttempt)
  | ({ readonly type: "keep"; readonly work: Work } & OfAttempt)
  | ({ readonly type: "succeed" } & OfAttempt)
  | ({
      readonly type: "fail";
      readonly reason: string;
      readonly kind: FailureKind;
      /** What the agent left, when it failed before `answer` was journalled. */
      readonly answer: Answer | null;
      /** What the next attempt should know. */
      readonly feedback: string | null;
      /** When a quota opens again, Unix milliseconds, if the agent said. */
      readonly retryAt: number | null;
      /** Whether another agent stands in: what this one cannot do for want of quota or login is tried there at once. */
      readonly elsewhere?: boolean;
    } & OfAttempt)
  /** The attempt died with its engine. */
  | ({ readonly type: "lose"; readonly reason: string } & OfAttempt)
  /** A person stopped the engine; the attempt's death is proven. */
  | ({
      readonly type: "interrupt";
      readonly reason: string;
      /** What the agent left when it was stopped, above all what that cost; absent or `null` when nothing is known. */
      readonly answer?: Answer | null;
    } & OfAttempt)
  | { readonly type: "cancel"; readonly reason: string }
  /** A person says yes or no to a task that waits for that. */
  | ({ readonly type: "answer-approval" } & ApprovalAnswer)
  /** A cancelled attempt's death is proven. */
  | ({ readonly type: "confirm-cancel" } & OfAttempt);

/** Why a command was turned down. Expected in normal running, so a value and not an error. @public */
export type Refusal =
  | "ended"
  | "not-queued"
  | "not-ready"
  | "not-due"
  | "not-cancelling"
  | "not-ended"
  | "succeeded"
  | "not-running"
  | "already-answered"
  | "already-cancelling"
  | "stale-attempt"
  | "not-waiting"
  | "unproven";
