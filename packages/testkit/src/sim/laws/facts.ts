/** What several laws need of a history. */
import type { JournalEntry } from "mai-orchestration-core";
import type { ClaimRef } from "mai-orchestration-engine";

export function taskKey({ runId, taskId }: { readonly runId: string; readonly taskId?: string }): string {
  return `${runId}/${taskId ?? ""}`;
}

export function attemptKey(claim: ClaimRef): string {
  return `${taskKey(claim)}/${claim.attempt}`;
}

/** Whether the entry says that the newest attempt of its task is over. */
export function endsAttempt({ type }: JournalEntry): boolean {
  return (
    type === "attempt.failed" ||
    type === "attempt.lost" ||
    // Who waits for a person holds nothing.
    type === "approval.requested" ||
    type === "task.succeeded" ||
    type === "task.cancelled"
  );
}

/** Whether the entry is the end of its task. */
export function endsTask({ type }: JournalEntry): boolean {
  return (
    type === "task.succeeded" ||
    type === "task.failed" ||
    type === "task.blocked" ||
    type === "task.cancelled"
  );
}
