/**
 * The rules of one task's life: a command and the time give events, or a
 * refusal. Reads nothing but its arguments.
 */

import { serveDayOf } from "../order.ts";
import type { Approval } from "../result.ts";
import { defaultBackoffMs, defaultMaxLost, quotaWaitMs, retryDelayMs } from "../retry.ts";
import type { ApprovalAnswer, OfAttempt, Refusal, TaskCommand } from "./commands.ts";
import type { TaskEvent } from "./events.ts";
import { proofOf } from "./proof.ts";
import { hasSucceeded, isHeld, type TaskState } from "./task-state.ts";

/** What the rules answer to a command: events to be journalled, or why it is refused. @public */
export type Decision =
  | { readonly ok: true; readonly events: readonly TaskEvent[] }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * Answers a command.
 *
 * @param task - where the task stands
 * @param now - Unix milliseconds by the store's clock
 * @public
 */
export function decide(task: TaskState, command: TaskCommand, now: number): Decision {
  if (command.type === "reopen") return decideReopen(task, command.reason);
  // Before the end is looked at: what was said may be said again.
  if (command.type === "answer-approval") return decideApproval(task, command, now);
  if (task.phase === "ended") return refuse("ended");
  switch (command.type) {
    case "release":
      if (task.phase !== "queued") return refuse("not-queued");
      return command.open > 0 ? accept([]) : accept([released(task, now)]);
    case "block":
      if (isHeld(task)) return refuse("not-queued");
      return accept([{ type: "task.blocked", reason: command.reason }]);
    case "wake":
      if (task.phase !== "retry-wait" && task.phase !== "quota-wait") return refuse("not-ready");
      if (task.notBefore !== null && now < task.notBefore) return refuse("not-due");
      return accept([becomeReady(task, now)]);
    case "claim":
      return decideClaim(task, command);
    case "cancel":
      return decideCancel(task, command.reason);
    default:
      return holdsAttempt(task, command) ? decideHeld(task, command, now) : refuse("stale-attempt");
  }
}

/** Whether this attempt, in the hands of this worker, is the one that may still change the task. @public */
export function holdsAttempt(task: TaskState, { attempt, workerId = null }: OfAttempt): boolean {
  return isHeld(task) && task.attempt === attempt && (workerId === null || workerId === task.workerId);
}

function decideReopen(task: TaskState, reason: string): Decision {
  if (task.end === null) return refuse("not-ended");
  return hasSucceeded(task) ? refuse("succeeded") : accept([{ type: "task.reopened", reason }]);
}

function decideClaim(task: TaskState, command: Extract<TaskCommand, { readonly type: "claim" }>): Decision {
  if (task.phase !== "ready") return refuse("not-ready");
  const { agentId, workerId, maxAttempts } = command;
  // What has answered is paid for: only its checks are open.
  if (task.unchecked) {
    return accept([{ type: "attempt.adopted", attempt: task.attempt, agentId, workerId, counted: false }]);
  }
  return accept([{ type: "attempt.started", attempt: task.attempt + 1, agentId, workerId, maxAttempts }]);
}

type HeldCommand = Extract<TaskCommand, { readonly attempt: number }>;

function decideHeld(task: TaskState, command: HeldCommand, now: number): Decision {
  const { attempt } = command;
  switch (command.type) {
    case "adopt":
      return decideAdoption(task, attempt, command.by);
    case "progress": {
      const { progress, message, sessionId } = command;
      return accept([{ type: "attempt.progressed", attempt, progress, message, sessionId }]);
    }
    case "answer":
      // The first answer stands: a second one would count its usage twice.
      if (task.answer !== null) return refuse("already-answered");
      return accept([{ type: "attempt.answered", attempt, answer: command.answer }]);
    case "check":
      // What was checked before the agent was done proves nothing of what it left.
      if (task.answer === null) return refuse("unproven");
      return accept([
        { type: command.receipt.passed ? "check.passed" : "check.failed", attempt, receipt: command.receipt },
      ]);
    case "keep":
      return accept([{ type: "attempt.kept", attempt, work: command.work }]);
    case "succeed":
      return decideSuccess(task, attempt);
    case "fail":
      return accept(failureEvents(task, asHeard(task, command, now), now));
    case "lose":
      return accept(lossEvents(task, attempt, command.reason, now));
    case "interrupt":
      return accept(interruptionEvents(task, command, now));
    case "confirm-cancel":
      if (task.cancelReason === null) return refuse("not-cancelling");
      return accept([cancelled(task, task.cancelReason)]);
  }
}

/** Before the first attempt a no is the end; after one it is what the next attempt is told, while there is one. */
function decideApproval(task: TaskState, answer: ApprovalAnswer, now: number): Decision {
  const { approved, by, via, note } = answer;
  const attempt = answer.attempt ?? task.attempt;
  if (task.phase !== "approval-wait" || attempt !== task.attempt) {
    // Said twice: the first time it counted.
    if (saidBefore(task, answer)?.approved === approved) return accept([]);
    if (task.phase === "ended") return refuse("ended");
    return refuse(attempt < task.attempt ? "stale-attempt" : "not-waiting");
  }
  const said: TaskEvent = {
    type: approved ? "approval.given" : "approval.refused",
    attempt,
    by,
    via,
    note,
  };
  const isBefore = attempt === 0;
  if (!approved) {
    const reason = `refused by ${by}${note === null ? "" : `: ${note}`}`;
    if (isBefore) return accept([said, { type: "task.blocked", reason }]);
    const failure = { attempt, reason, answer: null, feedback: reason, retryAt: null };
    return accept([said, ...failureEvents(task, { type: "fail", kind: "refused", ...failure }, now)]);
  }
  const next = isBefore ? becomeReady(task, now) : successOf(task, attempt);
  return next === null ? refuse("unproven") : accept([said, next]);
}

function saidBefore({ approvals }: TaskState, { attempt }: ApprovalAnswer): Approval | undefined {
  return attempt === null ? approvals.at(-1) : approvals.findLast((one) => one.attempt === attempt);
}

/** What a dead engine held is taken over: the attempt goes on, or is given back, in the hands of another worker. */
function decideAdoption(task: TaskState, attempt: number, by: string): Decision {
  // What is to be cancelled has nothing to go on with: its death is proven, and that is all.
  if (task.phase === "cancelling" || task.agentId === null) return refuse("not-running");
  return accept([{ type: "attempt.adopted", attempt, agentId: task.agentId, workerId: by, counted: true }]);
}

function decideCancel(task: TaskState, reason: string): Decision {
  if (task.phase === "cancelling") return refuse("already-cancelling");
  // What runs is only asked to stop here: "cancelled" is said once its death is proven.
  if (isHeld(task)) return accept([{ type: "task.cancel-requested", reason }]);
  return accept([cancelled(task, reason)]);
}

function decideSuccess(task: TaskState, attempt: number): Decision {
  if (task.cancelReason !== null) return accept([cancelled(task, task.cancelReason)]);
  if (task.answer === null) return refuse("unproven");
  const success = successOf(task, attempt);
  if (success === null) return refuse("unproven");
  return accept([task.spec.approval === "after" ? { type: "approval.requested", attempt } : success]);
}

/** `null` where the receipts do not allow it. */
function successOf(task: TaskState, attempt: number): TaskEvent | null {
  const proof = proofOf(task);
  if (proof === null) return null;
  const isVerified = proof.checks > 0 && proof.doubts.length === 0;
  const verdict = isVerified ? "verified" : "unverified";
  if (proof.doubts.length === 0) return { type: "task.succeeded", attempt, verdict };
  return { type: "task.succeeded", attempt, verdict, reason: proof.doubts.join("; ") };
}

type Failure = Extract<TaskCommand, { readonly type: "fail" }>;

/**
 * A failure without what is known already, an answer that was journalled before,
 * and without what cannot be: a quota that opened in the past would be no wait at all.
 */
function asHeard(task: TaskState, command: Failure, now: number): Failure {
  const retryAt = command.retryAt !== null && command.retryAt > now ? Math.ceil(command.retryAt) : null;
  return { ...command, answer: task.answer === null ? command.answer : null, retryAt };
}

function failureEvents(task: TaskState, command: Failure, now: number): TaskEvent[] {
  const { attempt, reason, kind } = command;
  const counted = kind !== "quota" && kind !== "login";
  const failed: TaskEvent = {
    type: "attempt.failed",
    attempt,
    reason,
    kind,
    counted,
    answer: command.answer,
    feedback: command.feedback,
  };
  if (task.cancelReason !== null) return [failed, cancelled(task, task.cancelReason)];
  // It failed for want of an account, not of a try: another account has it now.
  if (!counted && command.elsewhere === true)
    return [failed, { type: "task.retried", attempt, notBefore: now, wait: "retry" }];
  if (kind === "quota") {
    return [
      failed,
      { type: "task.retried", attempt, notBefore: command.retryAt ?? now + quotaWaitMs, wait: "quota" },
    ];
  }

  const failures = task.failures + 1;
  const allowed = task.spec.retry?.maxAttempts ?? task.maxAttempts;
  const final = kind === "permanent" || kind === "login" || failures >= allowed;
  if (final) return [failed, { type: "task.failed", attempt, reason }];
  const delay = retryDelayMs(task.spec.retry?.backoff ?? defaultBackoffMs, failures);
  return [failed, { type: "task.retried", attempt, notBefore: now + delay, wait: "retry" }];
}

function lossEvents(task: TaskState, attempt: number, reason: string, now: number): TaskEvent[] {
  const lost: TaskEvent = { type: "attempt.lost", attempt, reason, counted: true };
  if (task.cancelReason !== null) return [lost, cancelled(task, task.cancelReason)];
  // After the last permitted loss comes one more try, alone (see `demandOf`); losing that one too is the end.
  const losses = task.losses + 1;
  if (losses > maxLostOf(task)) return [lost, lostForGood({ attempt, losses }, reason)];
  return [lost, becomeReady(task, now)];
}

type Interruption = Extract<TaskCommand, { readonly type: "interrupt" }>;

function interruptionEvents(task: TaskState, command: Interruption, now: number): TaskEvent[] {
  const { attempt, reason, answer } = command;
  if (task.cancelReason !== null) return [cancelled(task, task.cancelReason)];
  const left = answer && task.answer === null ? { answer } : {};
  const lost: TaskEvent = { type: "attempt.lost", attempt, reason, counted: false, ...left };
  // Only who took it over from a dead engine holds what has been lost too often.
  if (task.losses > maxLostOf(task)) return [lost, lostForGood(task, reason)];
  return [lost, becomeReady(task, now)];
}

function maxLostOf({ spec }: TaskState): number {
  return spec.retry?.maxLost ?? defaultMaxLost;
}

/** @param task - with its last loss counted */
function lostForGood({ attempt, losses }: Pick<TaskState, "attempt" | "losses">, reason: string): TaskEvent {
  const text =
    losses === 1
      ? `its engine died during its attempt: ${reason}`
      : `its engine died during ${losses} attempts, the last of them alone: ${reason}`;
  return { type: "task.failed", attempt, reason: text };
}

/** All that it depends on has succeeded. A person's yes before the first attempt is asked for once. */
function released(task: TaskState, now: number): TaskEvent {
  const { spec, approvals, attempt } = task;
  const isOpen = spec.approval === "before" && !approvals.some(({ approved }) => approved);
  return isOpen ? { type: "approval.requested", attempt } : becomeReady(task, now);
}

function becomeReady(task: TaskState, now: number): TaskEvent {
  return { type: "task.ready", serveDay: task.serveDay ?? serveDayOf(task.spec.priority, now) };
}

function cancelled(task: TaskState, reason: string): TaskEvent {
  return { type: "task.cancelled", attempt: task.attempt, reason };
}

function accept(events: readonly TaskEvent[]): Decision {
  return { ok: true, events };
}

function refuse(refusal: Refusal): Decision {
  return { ok: false, refusal };
}
