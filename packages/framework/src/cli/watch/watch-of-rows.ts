/** What a watcher would know, from the rows of a store: for verbs that look once. */
import type { TaskState } from "mai-orchestration-core";
import type { RunRecord } from "mai-orchestration-engine";
import { newRunWatch, type RunWatch, type WatchedTask } from "./run-watch.ts";

/** @internal */
export function watchOfRows(run: RunRecord, tasks: readonly TaskState[]): RunWatch {
  const watch = newRunWatch(run.runId);
  watch.name = run.name;
  watch.root = run.root;
  watch.parallel = run.parallel;
  watch.createdAt = run.createdAt;
  watch.startedAt = run.createdAt;
  watch.lastAt = run.finishedAt ?? run.interruptedAt ?? run.createdAt;
  if (run.finishedAt !== null)
    watch.end = { type: "finished", verdict: run.verdict ?? "blocked", results: [] };
  else if (run.interruptedAt !== null) watch.end = { type: "interrupted", reason: "" };
  for (const task of tasks) add(watch, rowOf(task));
  return watch;
}

function add(watch: RunWatch, task: WatchedTask): void {
  watch.tasks.set(task.taskId, task);
  watch.phases[task.phase]++;
  if (task.phase === "approval-wait") watch.waiting.set(task.taskId, task);
  if (task.verdict !== null) watch.verdicts[task.verdict]++;
  watch.cost.atLeastUsd += task.costUsd;
  watch.cost.unknownParts += task.costsUnknown;
}

function rowOf(task: TaskState): WatchedTask {
  const cost = task.usage?.costUsd;
  return {
    taskId: task.spec.taskId,
    estimateMs: task.spec.estimate ?? null,
    behindMs: task.behindMs,
    phase: task.phase,
    attempt: task.attempt,
    agentId: task.agentId,
    startedAt: task.startedAt,
    endedAt: task.end?.at ?? null,
    notBefore: task.notBefore,
    message: null,
    progress: task.progress,
    reason: task.end === null ? (task.feedback?.split("\n")[0] ?? null) : task.end.reason,
    verdict: task.end?.verdict ?? null,
    costUsd: cost ?? 0,
    // The rows hold a sum: an unknown one is at least one unknown part.
    costsUnknown: cost === null ? 1 : 0,
  };
}
