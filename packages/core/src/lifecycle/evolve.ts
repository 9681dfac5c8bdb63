/** Folds events into where a task stands. Total: every event in the order of the journal is accepted. */
import { invariant } from "../invariant.ts";
import type { Approval } from "../result.ts";
import type { Usage } from "../usage.ts";
import { addUsage } from "../usage.ts";
import type { TaskEvent } from "./events.ts";
import type { TaskState } from "./task-state.ts";

/**
 * The state of a task that was just submitted.
 *
 * @param sequence - its place in the store's order of submission
 * @public
 */
export function newTaskState(
  runId: string,
  sequence: number,
  queued: Extract<TaskEvent, { readonly type: "task.queued" }>,
): TaskState {
  return {
    runId,
    spec: queued.task,
    sequence,
    phase: "queued",
    behindMs: queued.behindMs,
    serveDay: null,
    attempt: 0,
    failures: 0,
    losses: 0,
    maxAttempts: 1,
    agentId: null,
    workerId: null,
    startedAt: null,
    notBefore: null,
    answer: null,
    unchecked: false,
    receipts: [],
    work: null,
    approvals: [],
    feedback: null,
    sessionId: null,
    progress: null,
    usage: null,
    cancelReason: null,
    end: null,
  };
}

/**
 * The state after one more event.
 *
 * @param at - Unix milliseconds at which the event was journalled
 * @public
 */
export function evolve(task: TaskState, event: TaskEvent, at: number): TaskState {
  invariant(
    task.phase !== "ended" || event.type === "attempt.refused" || event.type === "task.reopened",
    "nothing happens to a task after its end but that it is reopened",
  );
  switch (event.type) {
    case "task.queued":
      return newTaskState(task.runId, task.sequence, event);
    case "task.ready":
      return { ...task, phase: "ready", serveDay: event.serveDay, notBefore: null, workerId: null };
    case "attempt.started":
      return started(task, event, at);
    case "attempt.adopted":
      return adopted(task, event);
    case "attempt.progressed":
      return {
        ...task,
        progress: event.progress ?? task.progress,
        sessionId: event.sessionId ?? task.sessionId,
      };
    case "attempt.answered":
      return {
        ...task,
        phase: task.phase === "cancelling" ? "cancelling" : "verifying",
        answer: event.answer,
        sessionId: event.answer.sessionId ?? task.sessionId,
        usage: total(task.usage, event.answer.usage),
      };
    case "check.passed":
    case "check.failed":
      return { ...task, receipts: [...task.receipts, event.receipt] };
    case "attempt.kept":
      return { ...task, work: event.work };
    case "attempt.failed":
      return {
        ...task,
        failures: task.failures + (event.counted ? 1 : 0),
        answer: event.answer ?? task.answer,
        sessionId: event.answer?.sessionId ?? task.sessionId,
        usage: event.answer === null ? task.usage : total(task.usage, event.answer.usage),
        feedback: event.feedback ?? task.feedback,
      };
    case "attempt.lost":
      return lost(task, event);
    case "approval.requested":
      return { ...task, phase: "approval-wait", workerId: null };
    case "approval.given":
    case "approval.refused":
      return { ...task, approvals: [...task.approvals, approvalOf(event, at)] };
    case "attempt.refused":
      return task;
    case "task.retried":
      return {
        ...task,
        phase: event.wait === "quota" ? "quota-wait" : "retry-wait",
        notBefore: event.notBefore,
        workerId: null,
      };
    case "task.cancel-requested":
      return { ...task, phase: "cancelling", cancelReason: event.reason };
    case "task.succeeded":
      return ended(task, event.verdict, event.reason ?? null, at);
    case "task.failed":
      return ended(task, "failed", event.reason, at);
    case "task.blocked":
      return ended(task, "blocked", event.reason, at);
    case "task.cancelled":
      return ended(task, "cancelled", event.reason, at);
    case "task.reopened":
      return reopened(task);
  }
}

function approvalOf(
  event: Extract<TaskEvent, { readonly type: "approval.given" | "approval.refused" }>,
  at: number,
): Approval {
  const { type, attempt, by, via, note } = event;
  return { attempt, approved: type === "approval.given", by, via, note, at };
}

function started(
  task: TaskState,
  event: Extract<TaskEvent, { readonly type: "attempt.started" }>,
  at: number,
): TaskState {
  invariant(event.attempt === task.attempt + 1, "attempts are numbered from 1 without a gap");
  return {
    ...task,
    phase: "running",
    attempt: event.attempt,
    agentId: event.agentId,
    workerId: event.workerId,
    maxAttempts: event.maxAttempts,
    startedAt: at,
    answer: null,
    unchecked: false,
    receipts: [],
    work: null,
    progress: null,
  };
}

function adopted(
  task: TaskState,
  event: Extract<TaskEvent, { readonly type: "attempt.adopted" }>,
): TaskState {
  invariant(event.attempt === task.attempt, "only the newest attempt is adopted");
  return {
    ...task,
    phase: task.unchecked ? "verifying" : task.phase,
    agentId: event.agentId,
    workerId: event.workerId,
    losses: task.losses + (event.counted ? 1 : 0),
    unchecked: false,
    receipts: [],
    work: null,
  };
}

function lost(task: TaskState, event: Extract<TaskEvent, { readonly type: "attempt.lost" }>): TaskState {
  const answer = event.answer ?? null;
  return {
    ...task,
    losses: task.losses + (event.counted ? 1 : 0),
    workerId: null,
    unchecked: task.phase === "verifying",
    answer: answer ?? task.answer,
    sessionId: answer?.sessionId ?? task.sessionId,
    usage: answer === null ? task.usage : total(task.usage, answer.usage),
  };
}

/** As if it had just been queued, but for what the next attempt may learn from those before. */
function reopened(task: TaskState): TaskState {
  return {
    ...task,
    phase: "queued",
    serveDay: null,
    failures: 0,
    losses: 0,
    answer: null,
    unchecked: false,
    receipts: [],
    progress: null,
    cancelReason: null,
    end: null,
  };
}

function ended(
  task: TaskState,
  verdict: "verified" | "unverified" | "failed" | "blocked" | "cancelled",
  reason: string | null,
  at: number,
): TaskState {
  const end = { verdict, reason, at };
  return { ...task, phase: "ended", workerId: null, notBefore: null, unchecked: false, end };
}

function total(sum: Usage | null, usage: Usage): Usage {
  return sum === null ? usage : addUsage(sum, usage);
}
