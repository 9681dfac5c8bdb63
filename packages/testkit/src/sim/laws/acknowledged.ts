/** Whether what somebody was told is so. */
import { isDeepStrictEqual } from "node:util";
import { type RunResult, runResultOf } from "mai-orchestration-core";
import type { Simulation } from "../simulate.ts";
import { endsTask, taskKey } from "./facts.ts";

/** Tasks of an acknowledged submission are in the journal by then, and in the rows at the end. */
export function judgeAcknowledged({ history, tasks }: Simulation): readonly string[] {
  const found: string[] = [];
  const rows = new Set(tasks.map((task) => taskKey({ runId: task.runId, taskId: task.spec.taskId })));
  const queued = new Set<string>();
  for (const fact of history) {
    if (fact.type === "entry" && fact.entry.type === "task.queued") queued.add(taskKey(fact.entry));
    if (fact.type !== "submit.acknowledged") continue;
    for (const taskId of fact.taskIds) {
      const key = taskKey({ runId: fact.runId, taskId });
      if (!queued.has(key)) found.push(`${key} was acknowledged before it was in the journal`);
      if (!rows.has(key)) found.push(`${key} was acknowledged and is gone`);
    }
  }
  return found;
}

/** Once a cancellation is acknowledged, no task that it meant starts or succeeds any more. */
export function judgeCancelled({ history }: Simulation): readonly string[] {
  const found: string[] = [];
  /** The fact with which each task came. */
  const queued = new Map<string, number>();
  /** The fact with which somebody wanted it after all; it may come before the answer to who cancelled it. */
  const reopened = new Map<string, number>();
  const cancelled = new Set<string>();
  for (const [index, fact] of history.entries()) {
    if (fact.type === "cancel.acknowledged") {
      for (const [key, queuedAt] of queued) {
        if (queuedAt >= fact.askedAt || (reopened.get(key) ?? -1) >= fact.askedAt) continue;
        const [runId, taskId = ""] = key.split("/");
        if (runId === fact.runId && (fact.taskIds?.includes(taskId) ?? true)) cancelled.add(key);
      }
    }
    if (fact.type !== "entry") continue;
    const key = taskKey(fact.entry);
    if (fact.entry.type === "task.queued") queued.set(key, index);
    if (fact.entry.type === "task.reopened") {
      reopened.set(key, index);
      cancelled.delete(key);
    }
    if (fact.entry.type === "attempt.started" && cancelled.has(key))
      found.push(`${key} starts after its cancellation was acknowledged`);
    if (fact.entry.type === "task.succeeded" && cancelled.has(key))
      found.push(`${key} succeeds after its cancellation was acknowledged`);
  }
  return found;
}

/**
 * A report names every task that the run has, once; the last one as each really ended. Tasks added by somebody else
 * while it is written, or to a finished run in which they can only be blocked, need not be in it.
 */
export function judgeFinished({ history, world, tasks }: Simulation): readonly string[] {
  const found: string[] = [];
  const queued = new Map<string, Set<string>>();
  /** Somebody else may add these while a report is written. */
  const late = new Set(
    world.actions.flatMap((action) =>
      action.type === "submit" ? action.tasks.map((task) => task.taskId) : [],
    ),
  );
  const last = new Map<string, readonly RunResult[]>();
  for (const fact of history) {
    if (fact.type !== "entry") continue;
    const { entry } = fact;
    if (entry.type === "task.queued") {
      queued.set(entry.runId, (queued.get(entry.runId) ?? new Set()).add(entry.task.taskId));
    }
    if (entry.type !== "run.finished") continue;
    last.set(entry.runId, entry.results);
    const named = new Set(entry.results.map((result) => result.taskId));
    if (named.size !== entry.results.length) found.push(`a report of ${entry.runId} names a task twice`);
    for (const taskId of queued.get(entry.runId) ?? []) {
      if (!named.has(taskId) && !late.has(taskId))
        found.push(`a report of ${entry.runId} does not name ${taskId}`);
    }
  }
  for (const { runId } of world.runs) {
    const report = last.get(runId) ?? [];
    const named = new Set(report.map((result) => result.taskId));
    const expected = tasks.filter(({ spec }) => named.has(spec.taskId) || !late.has(spec.taskId));
    const truth = expected.filter((task) => task.runId === runId).map(runResultOf);
    if (!isDeepStrictEqual(report, truth)) found.push(`the last report of ${runId} is not what happened`);
  }
  return found;
}

/**
 * An observer hears of a start or an end only once it is in the journal, and of each once; of what had ended before,
 * once more when named tasks are driven.
 */
export function judgeTold({ history }: Simulation): readonly string[] {
  const found: string[] = [];
  /** How often each may be heard of: as often as it is in the journal. */
  const times = new Map<string, number>();
  const told = new Map<string, number>();
  for (const fact of history) {
    if (fact.type === "entry") {
      const { entry } = fact;
      const what =
        entry.type === "attempt.started"
          ? `start ${taskKey(entry)}/${entry.attempt}`
          : endsTask(entry)
            ? `end ${taskKey(entry)}`
            : null;
      // What is reopened ends once more, and that is told once more.
      if (what !== null) times.set(what, (times.get(what) ?? 0) + 1);
    }
    if (fact.type === "drive.started" && fact.only !== null) {
      for (const taskId of fact.only)
        told.delete(`${fact.worker} end ${taskKey({ runId: fact.runId, taskId })}`);
    }
    if (fact.type !== "told.started" && fact.type !== "told.ended") continue;
    const what =
      fact.type === "told.started" ? `start ${taskKey(fact)}/${fact.attempt}` : `end ${taskKey(fact)}`;
    if (!times.has(what)) found.push(`${fact.worker} tells the ${what} before it is durable`);
    const heard = (told.get(`${fact.worker} ${what}`) ?? 0) + 1;
    if (heard > (times.get(what) ?? 0)) found.push(`${fact.worker} tells the ${what} twice`);
    told.set(`${fact.worker} ${what}`, heard);
  }
  return found;
}
