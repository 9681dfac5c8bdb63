/** What each attempt of a run used, from its journal: also of those that failed, were rejected, or were ended. */
import {
  answerIn,
  type JournalEntry,
  type ModelUsage,
  mayCost,
  noUsage,
  type Usage,
  unknownUsage,
} from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { readJournal } from "../watch/follow-journal.ts";

/** What one attempt used. @internal */
export interface AttemptUsage {
  readonly taskId: string;
  readonly attempt: number;
  readonly agentId: string;
  /** The agent program's own session; `null` when it named none. */
  readonly sessionId: string | null;
  readonly usage: Usage;
  /** By model; `null` when the agent did not say. */
  readonly models: ModelUsage | null;
}

interface Attempt extends AttemptUsage {
  /** Whether it costs nothing, whatever becomes of it. */
  readonly isFree: boolean;
  state: "runs" | "answered" | "ended";
}

/**
 * The usage of every attempt that has ended or answered, in the order they started. One that ended without a word used
 * what nobody knows, unless it ran a command.
 *
 * @internal
 */
export async function usageOfAttempts(store: Store, run: RunRecord): Promise<AttemptUsage[]> {
  const attempts = new Map<string, Attempt>();
  const free = new Set<string>();
  await readJournal(store, run, (entries) => {
    for (const entry of entries) note(entry, attempts, free);
  });
  return [...attempts.values()]
    .filter(({ state }) => state !== "runs")
    .map(({ isFree, state, usage, ...attempt }) => ({
      ...attempt,
      usage: state === "ended" && isFree ? noUsage : usage,
    }));
}

function note(entry: JournalEntry, attempts: Map<string, Attempt>, free: Set<string>): void {
  const { taskId } = entry;
  if (taskId === undefined) return;
  if (entry.type === "task.queued" && !mayCost(entry.task)) free.add(taskId);
  if (!("attempt" in entry)) return;
  const key = JSON.stringify([taskId, entry.attempt]);
  if (entry.type === "attempt.started") {
    const { attempt, agentId } = entry;
    const said = { sessionId: null, usage: unknownUsage, models: null };
    attempts.set(key, { taskId, attempt, agentId, ...said, isFree: free.has(taskId), state: "runs" });
    return;
  }
  const attempt = attempts.get(key);
  if (attempt === undefined || entry.type === "attempt.refused") return;
  const answer = answerIn(entry);
  if (answer !== null) {
    const { sessionId, usage, models = null } = answer;
    attempts.set(key, { ...attempt, sessionId, usage, models, state: "answered" });
  } else if (attempt.state === "runs" && ends.has(entry.type)) attempt.state = "ended";
}

const ends: ReadonlySet<JournalEntry["type"]> = new Set(["attempt.failed", "attempt.lost", "task.cancelled"]);
