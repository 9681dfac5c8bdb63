/** Ending an attempt, adding to a running one, and cancelling. */
import {
  type ApprovalAnswer,
  dependencyOrder,
  holdsAttempt,
  type Refusal,
  type TaskCommand,
  type TaskState,
} from "mai-orchestration-core";
import type { WorkerIdentity } from "../ports/custody.ts";
import type { Cancellation, ClaimRef, Note, Outcome, Settlement } from "../ports/store.ts";
import { apply } from "./apply.ts";
import type { Table } from "./table.ts";

/** Ends the attempt if it is still the newest; otherwise journals that it was refused. */
export function settle(table: Table, claim: ClaimRef, outcome: Outcome, now: number): Settlement {
  const task = table.task(claim.runId, claim.taskId);
  if (task === undefined) return { ok: false, refusal: "stale-attempt" };
  const applied = apply(table, task, commandsOf(outcome, claim), now);
  if (!applied.ok) recordRefusal(table, task, claim, applied.refusal, now);
  return applied;
}

/** Adds to the journal of a running attempt; `false` when it is no longer the newest. */
export function append(table: Table, claim: ClaimRef, note: Note, now: number): boolean {
  const task = table.task(claim.runId, claim.taskId);
  if (task === undefined) return false;
  const { attempt, workerId = null } = claim;
  const applied = apply(table, task, [{ ...note, attempt, workerId }], now);
  // That an answer came and was not taken is worth knowing; the rest is chatter.
  if (!applied.ok && note.type === "answer") recordRefusal(table, task, claim, applied.refusal, now);
  return applied.ok;
}

/** Cancels the given tasks, or all of the run that have not ended. */
export function cancel(
  table: Table,
  runId: string,
  reason: string,
  taskIds: readonly string[] | undefined,
  now: number,
): Cancellation {
  const ended: TaskState[] = [];
  const asked: TaskState[] = [];
  const filter = taskIds === undefined ? { runId, phases: openPhases } : { runId, taskIds };
  // Dependants first: what is to be cancelled must not end as blocked by its dependency.
  for (const { sequence } of dependantsFirst(table.tasks(filter))) {
    // Read again one by one: cancelling one task can end others of the list.
    const task = table.taskAt(sequence);
    if (task === undefined) continue;
    const applied = apply(table, task, [{ type: "cancel", reason }], now);
    if (applied.ok) ended.push(...applied.ended);
    const current = applied.ok ? applied.task : task;
    if (current.phase === "cancelling") asked.push(current);
  }
  return { ended, asked };
}

function dependantsFirst(tasks: readonly TaskState[]): TaskState[] {
  const bySpec = new Map(tasks.map((task) => [task.spec, task]));
  return dependencyOrder([...bySpec.keys()])
    .reverse()
    .flatMap((spec) => bySpec.get(spec) ?? []);
}

/** Ends those of the tasks as blocked that have no running attempt. */
export function block(
  table: Table,
  runId: string,
  reason: string,
  taskIds: readonly string[],
  now: number,
): readonly TaskState[] {
  return table.tasks({ runId, taskIds }).flatMap((task) => {
    const applied = apply(table, table.taskAt(task.sequence) ?? task, [{ type: "block", reason }], now);
    return applied.ok ? applied.ended : [];
  });
}

/** Hands a person's answer to the task that waits for it. */
export function answerApproval(
  table: Table,
  runId: string,
  taskId: string,
  answer: ApprovalAnswer,
  now: number,
): Settlement {
  const task = table.task(runId, taskId);
  if (task === undefined) return { ok: false, refusal: "not-waiting" };
  return apply(table, task, [{ type: "answer-approval", ...answer }], now);
}

const openPhases = [
  "queued",
  "ready",
  "running",
  "verifying",
  "cancelling",
  "retry-wait",
  "quota-wait",
  "approval-wait",
] as const;

/** Which of the claims are no longer held, and which are asked to stop. */
export function inspect(
  table: Table,
  worker: WorkerIdentity,
  claims: readonly ClaimRef[],
): { readonly lost: ClaimRef[]; readonly cancelled: ClaimRef[] } {
  const lost: ClaimRef[] = [];
  const cancelled: ClaimRef[] = [];
  for (const claim of claims) {
    const task = table.task(claim.runId, claim.taskId);
    if (task === undefined || !holdsAttempt(task, { workerId: worker.workerId, ...claim })) lost.push(claim);
    else if (task.phase === "cancelling") cancelled.push(claim);
  }
  return { lost, cancelled };
}

function commandsOf(outcome: Outcome, claim: ClaimRef): TaskCommand[] {
  const of = { attempt: claim.attempt, workerId: claim.workerId ?? null };
  switch (outcome.type) {
    case "succeeded":
      return outcome.answer === null
        ? [{ type: "succeed", ...of }]
        : [
            { type: "answer", ...of, answer: outcome.answer },
            { type: "succeed", ...of },
          ];
    case "failed": {
      const { reason, kind, answer, feedback, retryAt, elsewhere = false } = outcome;
      return [{ type: "fail", ...of, reason, kind, answer, feedback, retryAt, elsewhere }];
    }
    case "lost":
      return [{ type: "lose", ...of, reason: outcome.reason }];
    case "interrupted":
      return [{ type: "interrupt", ...of, reason: outcome.reason, answer: outcome.answer ?? null }];
    case "cancelled":
      return [{ type: "confirm-cancel", ...of }];
  }
}

function recordRefusal(table: Table, task: TaskState, claim: ClaimRef, refusal: Refusal, now: number): void {
  if (refusal !== "stale-attempt" && refusal !== "ended") return;
  const reason = refusal === "ended" ? "the task has ended" : staleReason(task, claim);
  const { runId, taskId, attempt } = claim;
  table.addEvent(runId, taskId, task.sequence, { type: "attempt.refused", attempt, reason }, now);
}

function staleReason(task: TaskState, { attempt, workerId }: ClaimRef): string {
  if (task.attempt > attempt) return `attempt ${task.attempt} has replaced it`;
  const isTaken = workerId !== undefined && task.workerId !== null && task.workerId !== workerId;
  return isTaken ? `${task.workerId} has adopted it` : "it does not hold the task";
}
