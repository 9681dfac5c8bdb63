/** What was paid for is not paid for twice. */
import type { Simulation } from "../simulate.ts";
import { taskKey } from "./facts.ts";

/**
 * Once the answer of an attempt is in the journal, its agent being done, no other attempt of the task starts unless
 * this one has failed, or somebody has the task tried again.
 */
export function judgePaid({ history }: Simulation): readonly string[] {
  const found: string[] = [];
  /** Attempts that answered and have not failed, by task. */
  const paid = new Map<string, number>();
  for (const fact of history) {
    if (fact.type !== "entry" || fact.entry.taskId === undefined) continue;
    const { entry } = fact;
    const key = taskKey(entry);
    if (entry.type === "attempt.answered") paid.set(key, entry.attempt);
    if (entry.type === "attempt.failed" || entry.type === "task.reopened") paid.delete(key);
    if (entry.type === "attempt.started" && paid.has(key))
      found.push(`${key} is tried again, although attempt ${paid.get(key)} had answered`);
  }
  return found;
}

/** What a program has left complete is never run again: its attempt is settled from it by whoever drives the run next. */
export function judgeLeft({ history }: Simulation): readonly string[] {
  const found: string[] = [];
  const answered = new Set<string>();
  const readable = new Set<string>();
  for (const fact of history) {
    if (fact.type === "agent.answered") answered.add(`${taskKey(fact)}/${fact.attempt}`);
    if (fact.type === "output.read" && fact.isComplete) readable.add(`${taskKey(fact)}/${fact.attempt}`);
    if (fact.type !== "entry" || fact.entry.type !== "attempt.lost") continue;
    const key = `${taskKey(fact.entry)}/${fact.entry.attempt}`;
    if (answered.has(key) && readable.has(key) && fact.entry.reason.includes("nothing that it left"))
      found.push(`${key} is given up, although it had left its answer`);
  }
  return found;
}
