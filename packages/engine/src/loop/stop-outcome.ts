/** What becomes of an attempt that was told to stop. */
import { type Answer, formatDuration } from "mai-orchestration-core";
import type { Outcome } from "../ports/store.ts";
import type { Running } from "./running.ts";

/** Whoever holds it now goes on; the store refuses this, and says so in the journal. */
export const takenOver: Outcome = { type: "interrupted", reason: "somebody else holds it" };

/** The outcome of an attempt that was told to stop; `null` when it was not. */
export function stopOutcome(running: Running, answer: Answer | null): Outcome | null {
  const { timeout } = running.claim.task.spec;
  switch (running.cause) {
    case null:
      return null;
    case "cancelled":
      return { type: "cancelled" };
    case "interrupted":
    case "lost":
      return { type: "interrupted", reason: `its engine stopped (${running.cause})` };
    case "timeout":
      return timedOut(`timed out after ${formatDuration(timeout ?? 0)}`, answer);
    case "idle":
      return timedOut(running.judgement, answer);
  }
}

function timedOut(reason: string, answer: Answer | null): Outcome {
  return { type: "failed", reason, kind: "timeout", answer, feedback: reason, retryAt: null };
}
