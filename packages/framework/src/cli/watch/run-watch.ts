/**
 * What a watcher knows of a run: a fold of its journal that keeps what people
 * look at. Unlike the fold of core it is changed in place and counts as it goes,
 * so that one more event costs the same in a run of ten thousand tasks.
 */
import type { Answer, JournalEntry, RunResult, TaskPhase, Verdict } from "mai-orchestration-core";
import { oneLine, widthOf } from "../text/text.ts";

/** Longer ids are cut in lists that move. @internal */
export const mostIdColumns = 28;

/** One task as watchers see it. @internal */
export interface WatchedTask {
  readonly taskId: string;
  readonly estimateMs: number | null;
  /** Estimated work on the longest path from its start. */
  readonly behindMs: number;
  phase: TaskPhase;
  attempt: number;
  agentId: string | null;
  /** Of the newest attempt. */
  startedAt: number | null;
  endedAt: number | null;
  notBefore: number | null;
  message: string | null;
  progress: number | null;
  /** Why the newest attempt, or the task, did not succeed. */
  reason: string | null;
  verdict: Verdict | null;
  /** Known costs of its attempts, and how many said none. */
  costUsd: number;
  costsUnknown: number;
}

/** @internal */
export interface RunWatch {
  runId: string;
  name: string | null;
  root: string;
  parallel: number | null;
  createdAt: number;
  /** When the run, or its continuation, began. */
  startedAt: number;
  lastAt: number;
  /** In the order of submission. */
  readonly tasks: Map<string, WatchedTask>;
  readonly held: Map<string, WatchedTask>;
  readonly waiting: Map<string, WatchedTask>;
  readonly phases: Record<TaskPhase, number>;
  readonly verdicts: Record<Verdict, number>;
  readonly cost: { atLeastUsd: number; unknownParts: number };
  /** Work not ended whose estimate is known, and tasks not ended without one. */
  estimatedLeftMs: number;
  unestimatedLeft: number;
  /** Tasks that succeeded by an attempt, and how long those attempts took. */
  succeeded: number;
  succeededMs: number;
  mostHeld: number;
  /** Cells of a terminal that its ids take, within reason. */
  idColumns: number;
  end: RunEnding | null;
}

/** @internal */
export type RunEnding =
  | { readonly type: "finished"; readonly verdict: Verdict; readonly results: readonly RunResult[] }
  | { readonly type: "interrupted"; readonly reason: string };

/** @internal */
export function newRunWatch(runId: string): RunWatch {
  return {
    runId,
    name: null,
    root: "",
    parallel: null,
    createdAt: 0,
    startedAt: 0,
    lastAt: 0,
    tasks: new Map(),
    held: new Map(),
    waiting: new Map(),
    phases: { queued: 0, ready: 0, running: 0, verifying: 0, cancelling: 0, "retry-wait": 0, "quota-wait": 0, ended: 0 },
    verdicts: { verified: 0, unverified: 0, failed: 0, blocked: 0, cancelled: 0 },
    cost: { atLeastUsd: 0, unknownParts: 0 },
    estimatedLeftMs: 0,
    unestimatedLeft: 0,
    succeeded: 0,
    succeededMs: 0,
    mostHeld: 0,
    idColumns: 4,
    end: null,
  };
}

/** Adds the next fact to what is known. @internal */
export function watchEntry(watch: RunWatch, entry: JournalEntry): void {
  watch.lastAt = entry.at;
  if (entry.taskId === undefined) return watchRun(watch, entry);
  if (entry.type === "task.queued") return addTask(watch, entry.taskId, entry.task.estimate ?? null, entry.behindMs);
  const task = watch.tasks.get(entry.taskId);
  if (task !== undefined) watchTask(watch, task, entry);
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
      break;
  }
}

function watchTask(watch: RunWatch, task: WatchedTask, entry: JournalEntry): void {
  switch (entry.type) {
    case "task.ready":
      return moveTo(watch, task, "ready");
    case "attempt.started":
      task.attempt = entry.attempt;
      task.agentId = entry.agentId;
      task.startedAt = entry.at;
      task.message = null;
      task.progress = null;
      return moveTo(watch, task, "running");
    case "attempt.progressed":
      task.message = entry.message ?? task.message;
      task.progress = entry.progress ?? task.progress;
      return;
    case "attempt.answered":
      addCost(watch, task, entry.answer);
      if (task.phase === "running") moveTo(watch, task, "verifying");
      return;
    case "attempt.failed":
      task.reason = entry.reason;
      if (entry.answer !== null) addCost(watch, task, entry.answer);
      return;
    case "attempt.lost":
      task.reason = entry.reason;
      return;
    case "task.retried":
      task.notBefore = entry.notBefore;
      return moveTo(watch, task, entry.wait === "quota" ? "quota-wait" : "retry-wait");
    case "task.cancel-requested":
      return moveTo(watch, task, "cancelling");
    case "task.succeeded":
      return end(watch, task, entry.verdict, null, entry.at);
    case "task.failed":
      return end(watch, task, "failed", entry.reason, entry.at);
    case "task.blocked":
      return end(watch, task, "blocked", entry.reason, entry.at);
    case "task.cancelled":
      return end(watch, task, "cancelled", entry.reason, entry.at);
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
  place(watch.waiting, task, phase === "retry-wait" || phase === "quota-wait");
  watch.mostHeld = Math.max(watch.mostHeld, watch.held.size);
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

/** Tasks that have not ended. @internal */
export function leftIn(watch: RunWatch): number {
  return watch.tasks.size - watch.phases.ended;
}

/** Whether nothing can go on before a quota opens again. @internal */
export function onlyQuotaWaits(watch: RunWatch): boolean {
  const { phases } = watch;
  return phases["quota-wait"] > 0 && watch.held.size === 0 && phases.ready === 0 && phases["retry-wait"] === 0;
}

/** Milliseconds the newest attempt of an ended or running task has taken; `null` when there is none such. @internal */
export function tookMs(task: WatchedTask, now: number): number | null {
  if (task.startedAt === null) return null;
  const isOver = task.phase === "ended";
  const isHeld = task.phase === "running" || task.phase === "verifying" || task.phase === "cancelling";
  return isOver || isHeld ? Math.max(0, (task.endedAt ?? now) - task.startedAt) : null;
}
