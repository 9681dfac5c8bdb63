/** What the journal tells of each task over time: its attempts, from the first to the last. */
import type { JournalEntry, Work } from "mai-orchestration-core";

/** @internal */
export interface AttemptHistory {
  readonly attempt: number;
  readonly agentId: string;
  readonly startedAt: number;
  /** When the agent was done and the checks began; `null` when it never was. */
  answeredAt: number | null;
  endedAt: number | null;
  outcome: "succeeded" | "failed" | "lost" | "cancelled" | "running";
  reason: string | null;
  /** `null` while nothing is known. */
  costUsd: number | null;
  work: Work | null;
}

/** @internal */
export interface TaskHistory {
  queuedAt: number;
  readonly attempts: AttemptHistory[];
}

/** The attempts of every task, by its id. @internal */
export function historyOf(entries: Iterable<JournalEntry>): ReadonlyMap<string, TaskHistory> {
  const tasks = new Map<string, TaskHistory>();
  for (const entry of entries) {
    if (entry.taskId === undefined) continue;
    const known = tasks.get(entry.taskId) ?? { queuedAt: entry.at, attempts: [] };
    tasks.set(entry.taskId, known);
    addEntry(known, entry);
  }
  return tasks;
}

function addEntry({ attempts }: TaskHistory, entry: JournalEntry): void {
  if (entry.type === "attempt.started") {
    const { attempt, agentId, at } = entry;
    const open = { answeredAt: null, endedAt: null, reason: null, costUsd: null, work: null };
    attempts.push({ attempt, agentId, startedAt: at, outcome: "running", ...open });
    return;
  }
  const last = attempts.at(-1);
  if (last === undefined || !("attempt" in entry) || entry.attempt !== last.attempt) return;
  switch (entry.type) {
    case "attempt.answered":
      last.answeredAt = entry.at;
      last.costUsd = entry.answer.usage.costUsd;
      break;
    case "attempt.kept":
      last.work = entry.work;
      break;
    case "attempt.failed":
    case "attempt.lost":
      end(last, entry.type === "attempt.lost" ? "lost" : "failed", entry.reason, entry.at);
      last.costUsd = entry.answer?.usage.costUsd ?? last.costUsd;
      break;
    case "task.succeeded":
      end(last, "succeeded", entry.reason ?? null, entry.at);
      break;
    case "task.cancelled":
      end(last, "cancelled", entry.reason, entry.at);
      break;
  }
}

function end(
  attempt: AttemptHistory,
  outcome: AttemptHistory["outcome"],
  reason: string | null,
  at: number,
): void {
  if (attempt.endedAt !== null) return;
  attempt.outcome = outcome;
  attempt.reason = reason;
  attempt.endedAt = at;
}
