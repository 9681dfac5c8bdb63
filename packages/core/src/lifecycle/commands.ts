/** What can be asked of a task. Each is answered by `decide` with events or a refusal. */
import type { Receipt, Work } from "../result.ts";
import type { Answer, FailureKind } from "./events.ts";

/** What may be asked of a task; the rules answer with events or a refusal. @public */
export type TaskCommand =
  /** A dependency succeeded (or there never was one); `open` of them are left. */
  | { readonly type: "release"; readonly open: number }
  /** A dependency ended without success, or no agent can do it. */
  | { readonly type: "block"; readonly reason: string }
  /** The wait for a retry or a quota may be over. */
  | { readonly type: "wake" }
  | {
      readonly type: "claim";
      readonly agentId: string;
      readonly workerId: string;
      readonly maxAttempts: number;
    }
  | {
      readonly type: "progress";
      readonly attempt: number;
      readonly progress: number | null;
      readonly message: string | null;
      readonly sessionId: string | null;
    }
  | { readonly type: "answer"; readonly attempt: number; readonly answer: Answer }
  | { readonly type: "check"; readonly attempt: number; readonly receipt: Receipt }
  | { readonly type: "keep"; readonly attempt: number; readonly work: Work }
  | { readonly type: "succeed"; readonly attempt: number }
  | {
      readonly type: "fail";
      readonly attempt: number;
      readonly reason: string;
      readonly kind: FailureKind;
      /** What the agent left, when it failed before `answer` was journalled. */
      readonly answer: Answer | null;
      /** What the next attempt should know. */
      readonly feedback: string | null;
      /** When a quota opens again, Unix milliseconds, if the agent said. */
      readonly retryAt: number | null;
    }
  /** The attempt died with its engine. */
  | { readonly type: "lose"; readonly attempt: number; readonly reason: string }
  /** A person stopped the engine; the attempt's death is proven. */
  | { readonly type: "interrupt"; readonly attempt: number; readonly reason: string }
  | { readonly type: "cancel"; readonly reason: string }
  /** A cancelled attempt's death is proven. */
  | { readonly type: "confirm-cancel"; readonly attempt: number };

/** Why a command was turned down. Expected in normal running, so a value and not an error. @public */
export type Refusal =
  | "ended"
  | "not-queued"
  | "not-ready"
  | "not-due"
  | "not-cancelling"
  | "already-answered"
  | "already-cancelling"
  | "stale-attempt"
  | "unproven";
