/** Whether what is called verified was verified. */
import type { Simulation } from "../simulate.ts";
import { attemptKey, taskKey } from "./facts.ts";

/** A success is of an attempt whose agent answered; `verified` if and only if each of its checks then really passed. */
export function judgeVerified({ history, tasks }: Simulation): readonly string[] {
  const found: string[] = [];
  const checks = new Map(
    tasks.map((task) => [
      taskKey({ runId: task.runId, taskId: task.spec.taskId }),
      (task.spec.verify ?? []).map((check) => check.command),
    ]),
  );
  const answered = new Set<string>();
  const passed = new Map<string, Set<string>>();
  const failed = new Set<string>();
  for (const fact of history) {
    if (fact.type === "agent.answered") answered.add(attemptKey(fact));
    if (fact.type === "check.ended") {
      const key = attemptKey(fact);
      if (!fact.passed) failed.add(key);
      else passed.set(key, (passed.get(key) ?? new Set()).add(fact.command));
    }
    // Its checks are repeated, all of them.
    if (fact.type === "entry" && fact.entry.type === "attempt.adopted") {
      const key = `${taskKey(fact.entry)}/${fact.entry.attempt}`;
      passed.delete(key);
      failed.delete(key);
    }
    if (fact.type !== "entry" || fact.entry.type !== "task.succeeded") continue;
    const { entry } = fact;
    const key = `${taskKey(entry)}/${entry.attempt}`;
    const wanted = checks.get(taskKey(entry)) ?? [];
    if (!answered.has(key)) found.push(`${key} succeeded, but its agent never answered`);
    if (entry.verdict === "verified" && wanted.length === 0) found.push(`${key} is verified without a check`);
    if (failed.has(key)) found.push(`${key} succeeded although a check of it failed`);
    const missing = wanted.find((command) => !passed.get(key)?.has(command));
    if (missing !== undefined) found.push(`${key} succeeded, but ${missing} never passed`);
  }
  return found;
}
