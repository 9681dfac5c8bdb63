/**
 * The fold of a run's journal into what people look at. Unlike the fold of core
 * it changes what it has and counts as it goes, so that one more event costs
 * the same in a run of ten thousand tasks.
 */
import {
  type Answer,
  type DeliveryEvent,
  isDeliveryEvent,
  type JournalEntry,
  type RunResult,
  type TaskPhase,
  type Verdict,
} from "mai-orchestration-core";
import { oneLine, widthOf } from "../text/text.ts";
import { mostIdColumns, type RunWatch, type WatchedTask } from "./run-watch.ts";

/** Adds the next fact to what is known. @internal */
export function watchEntry(watch: RunWatch, entry: JournalEntry): void {
  watch.lastAt = entry.at;
  if (entry.taskId === undefined) {
    watchRun(watch, entry);
  } else if (entry.type === "task.queued") {
    addTask(watch, entry.taskId, entry.task.estimate ?? null, entry.behindMs);
  } else {
    const task = watch.tasks.get(entry.taskId);
    if (task !== undefined) watchTask(watch, task, entry);
  }
}

function watchRun(watch: RunWatch, entry: JournalEntry): void {
  switch (entry.type) {
    case "run.created":
      watch.name = entry.name;
      watch.root = entry.root;
      watch.parallel = entry.parallel;
      watch.createdAt = entry.at;
      watch.startedAt = entry.at;
      break;
    case "run.resumed":
      watch.end = null;
      watch.startedAt = entry.at;
      break;
    case "run.interrupted":
      watch.end = { type: "interrupted", reason: entry.reason };
      break;
    case "run.finished":
      watch.end = { type: "finished", verdict: entry.verdict, results: entry.results };
      for (const result of entry.results) judge(watch, result);
      break;
    default:
      if (isDeliveryEvent(entry)) watchDelivery(watch, entry);
  }
}

function watchDelivery(watch: RunWatch, event: DeliveryEvent): void {
  if (event.type === "delivery.offered" || event.target === null) return;
  const known = watch.delivered.get(event.target);
  const delivered = known ?? { merged: 0, left: 0, branch: null, reason: null };
  watch.delivered.set(event.target, delivered);
  if (event.type === "delivery.started") delivered.left = 0;
  else if (event.type === "delivery.merged") delivered.merged += event.tasks.length;
  else if (event.type === "delivery.finished") {
    delivered.branch = event.branch;
    delivered.reason = event.reason;
  } else delivered.left++;
}

/** Checks that are repeated at the end of a run may take a verdict away. */
function judge(watch: RunWatch, result: RunResult): void {
  const task = watch.tasks.get(result.taskId);
  if (task === undefined || task.verdict === null || task.verdict === result.verdict) return;
  watch.verdicts[task.verdict]--;
  watch.verdicts[result.verdict]++;
  task.verdict = result.verdict;
  task.reason = result.reason ?? null;
}

function watchTask(watch: RunWatch, task: WatchedTask, entry: JournalEntry): void {
  switch (entry.type) {
    case "task.ready":
      moveTo(watch, task, "ready");
      break;
    case "attempt.started":
      task.attempt = entry.attempt;
      task.agentId = entry.agentId;
      task.startedAt = entry.at;
      task.message = null;
      task.progress = null;
      moveTo(watch, task, "running");
      break;
    case "attempt.adopted":
      task.agentId = entry.agentId;
      if (!entry.counted) moveTo(watch, task, "verifying");
      break;
    case "attempt.progressed":
      task.message = entry.message ?? task.message;
      task.progress = entry.progress ?? task.progress;
      break;
    case "attempt.answered":
      addCost(watch, task, entry.answer);
      if (task.phase === "running") moveTo(watch, task, "verifying");
      break;
    case "attempt.failed":
      task.reason = entry.reason;
      if (entry.answer !== null) addCost(watch, task, entry.answer);
      break;
    case "attempt.lost":
      task.reason = entry.reason;
      if (entry.answer) addCost(watch, task, entry.answer);
      break;
    case "task.retried":
      task.notBefore = entry.notBefore;
      moveTo(watch, task, entry.wait === "quota" ? "quota-wait" : "retry-wait");
      break;
    case "approval.requested":
      task.reason = null;
      moveTo(watch, task, "approval-wait");
      break;
    case "task.cancel-requested":
      moveTo(watch, task, "cancelling");
      break;
    case "task.succeeded":
      end(watch, task, entry.verdict, entry.reason ?? null, entry.at);
      break;
    case "task.failed":
      end(watch, task, "failed", entry.reason, entry.at);
      break;
    case "task.blocked":
      end(watch, task, "blocked", entry.reason, entry.at);
      break;
    case "task.cancelled":
      end(watch, task, "cancelled", entry.reason, entry.at);
      break;
    case "task.reopened":
      reopen(watch, task);
      break;
  }
}

function addTask(watch: RunWatch, taskId: string, estimateMs: number | null, behindMs: number): void {
  watch.tasks.set(taskId, {
    taskId,
    estimateMs,
    behindMs,
    phase: "queued",
    attempt: 0,
    agentId: null,
    startedAt: null,
    endedAt: null,
    notBefore: null,
    message: null,
    progress: null,
    reason: null,
    verdict: null,
    costUsd: 0,
    costsUnknown: 0,
  });
  watch.phases.queued++;
  watch.idColumns = Math.max(watch.idColumns, Math.min(mostIdColumns, widthOf(oneLine(taskId))));
  countLeft(watch, estimateMs, 1);
}

function moveTo(watch: RunWatch, task: WatchedTask, phase: TaskPhase): void {
  watch.phases[task.phase]--;
  watch.phases[phase]++;
  task.phase = phase;
  place(watch.held, task, phase === "running" || phase === "verifying" || phase === "cancelling");
  place(watch.waiting, task, isWaiting(phase));
  watch.mostHeld = Math.max(watch.mostHeld, watch.held.size);
}

/** For a time, a quota or a person. */
function isWaiting(phase: TaskPhase): boolean {
  return phase === "retry-wait" || phase === "quota-wait" || phase === "approval-wait";
}

function place(among: Map<string, WatchedTask>, task: WatchedTask, belongs: boolean): void {
  if (belongs) among.set(task.taskId, task);
  else among.delete(task.taskId);
}

function end(watch: RunWatch, task: WatchedTask, verdict: Verdict, reason: string | null, at: number): void {
  if (task.verdict !== null) return;
  moveTo(watch, task, "ended");
  task.verdict = verdict;
  task.reason = reason;
  task.endedAt = at;
  watch.verdicts[verdict]++;
  countLeft(watch, task.estimateMs, -1);
  if ((verdict === "verified" || verdict === "unverified") && task.startedAt !== null) {
    watch.succeeded++;
    watch.succeededMs += at - task.startedAt;
  }
}

function reopen(watch: RunWatch, task: WatchedTask): void {
  if (task.verdict === null) return;
  watch.verdicts[task.verdict]--;
  moveTo(watch, task, "queued");
  task.verdict = null;
  task.reason = null;
  task.endedAt = null;
  countLeft(watch, task.estimateMs, 1);
}

function countLeft(watch: RunWatch, estimateMs: number | null, by: 1 | -1): void {
  if (estimateMs === null) watch.unestimatedLeft += by;
  else watch.estimatedLeftMs += by * estimateMs;
}

function addCost(watch: RunWatch, task: WatchedTask, answer: Answer): void {
  const { costUsd } = answer.usage;
  if (costUsd === null) {
    task.costsUnknown++;
    watch.cost.unknownParts++;
  } else {
    task.costUsd += costUsd;
    watch.cost.atLeastUsd += costUsd;
  }
}
