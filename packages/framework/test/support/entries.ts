/** Journals written by hand. */
import type { FarmTask, JournalEntry, MaiEvent, Usage } from "mai-orchestration-core";

export const startAt: number = Date.UTC(2026, 10, 22, 12, 0, 0);

export const freeUsage: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0,
};

export interface Scribe {
  readonly entries: JournalEntry[];
  run(event: MaiEvent, at?: number): void;
  task(taskId: string, event: MaiEvent, at?: number): void;
  queue(taskId: string, fields?: Partial<FarmTask>): void;
}

/** Writes entries of one run, each at a number of milliseconds after its start. */
export function scribe(): Scribe {
  const entries: JournalEntry[] = [];
  const add = (taskId: string | undefined, event: MaiEvent, at: number): void => {
    const head = { seq: entries.length + 1, at: startAt + at, runId: "run-x" };
    entries.push(
      (taskId === undefined ? { ...head, ...event } : { ...head, taskId, ...event }) as JournalEntry,
    );
  };
  const created: MaiEvent = {
    type: "run.created",
    name: "hand-made",
    root: "/r",
    parallel: 2,
    failFast: false,
    timeoutMs: null,
    sharedChecks: true,
  };
  add(undefined, created, 0);
  return {
    entries,
    run: (event, at = 0) => add(undefined, event, at),
    task: (taskId, event, at = 0) => add(taskId, event, at),
    queue: (taskId, fields = {}) => {
      const task: FarmTask = {
        taskId,
        type: "test",
        description: taskId,
        context: [],
        constraints: [],
        successCriteria: "ok",
        ...fields,
      };
      add(taskId, { type: "task.queued", task, behindMs: fields.estimate ?? 60_000 }, 0);
    },
  };
}

export function started(attempt = 1, agentId = "bash"): MaiEvent {
  return { type: "attempt.started", attempt, agentId, workerId: "w", maxAttempts: 3 };
}

export function answered(usage: Usage = freeUsage, attempt = 1): MaiEvent {
  const answer = {
    output: "",
    outputFile: null,
    artifacts: [],
    issues: [],
    sessionId: null,
    usage,
    durationMs: 1,
    sharedWorkspace: false,
  };
  return { type: "attempt.answered", attempt, answer };
}

export function failed(reason: string, attempt = 1): MaiEvent {
  return {
    type: "attempt.failed",
    attempt,
    reason,
    kind: "task",
    counted: true,
    answer: null,
    feedback: reason,
  };
}
