/** How often a task was tried, counted anew from what really happened. */
import type { FarmTask, JournalEntry } from "mai-orchestration-core";
import type { Simulation } from "../simulate.ts";
import { taskKey } from "./facts.ts";

interface Count {
  readonly spec: FarmTask;
  failures: number;
  losses: number;
  allowed: number;
  worker: string;
  isHeld: boolean;
  lastKind: string | null;
}

const lossesWhenUnsaid = 3;

/**
 * A task is tried again while its budgets last, and not once they are used up. Counted are failures but for quota
 * and login, and deaths of workers but for interruptions.
 */
export function judgeBudgets({ history }: Simulation): readonly string[] {
  const found: string[] = [];
  const counts = new Map<string, Count>();
  const deadWorkers = new Set<string>();
  for (const fact of history) {
    if (fact.type === "worker.ended") deadWorkers.add(fact.worker);
    if (fact.type !== "entry" || fact.entry.taskId === undefined) continue;
    const { entry } = fact;
    const key = taskKey(entry);
    if (entry.type === "task.queued") counts.set(key, newCount(entry.task));
    const count = counts.get(key);
    if (count === undefined) continue;
    const broken = judgeEntry(count, entry, deadWorkers);
    if (broken !== null) found.push(`${key} ${broken}`);
  }
  return found;
}

function newCount(spec: FarmTask): Count {
  const allowed = spec.retry?.maxAttempts ?? 1;
  return { spec, failures: 0, losses: 0, allowed, worker: "", isHeld: false, lastKind: null };
}

function judgeEntry(count: Count, entry: JournalEntry, deadWorkers: ReadonlySet<string>): string | null {
  const { spec } = count;
  const maxLost = spec.retry?.maxLost ?? lossesWhenUnsaid;
  switch (entry.type) {
    case "attempt.started":
      count.allowed = spec.retry?.maxAttempts ?? entry.maxAttempts;
      count.worker = entry.workerId;
      count.isHeld = true;
      count.lastKind = null;
      return count.failures >= count.allowed && spec.retry?.maxAttempts !== undefined
        ? `is tried again after ${count.failures} failures of ${count.allowed}`
        : count.losses > maxLost
          ? `is tried again after ${count.losses} losses`
          : null;
    case "attempt.adopted": {
      const isDead = deadWorkers.has(count.worker);
      const wasHeld = count.isHeld;
      count.worker = entry.workerId;
      count.isHeld = true;
      if (entry.counted) count.losses++;
      return entry.counted === wasHeld && (isDead || !wasHeld)
        ? null
        : `is adopted from a worker that ${isDead ? "is dead" : "lives"}, and that counts wrongly`;
    }
    case "task.reopened":
      count.failures = 0;
      count.losses = 0;
      count.lastKind = null;
      return null;
    case "attempt.failed":
      count.isHeld = false;
      count.lastKind = entry.kind;
      if (entry.kind !== "quota" && entry.kind !== "login") count.failures++;
      return null;
    case "attempt.lost": {
      count.lastKind = "lost";
      count.isHeld = false;
      const isDead = deadWorkers.has(count.worker);
      if (isDead) count.losses++;
      return entry.counted === isDead
        ? null
        : `counts a loss wrongly: its worker is ${isDead ? "dead" : "alive"}`;
    }
    case "task.retried":
      if (count.lastKind === "permanent" || count.lastKind === "login")
        return `is retried although its failure was ${count.lastKind}`;
      return count.lastKind !== "quota" && count.failures >= count.allowed
        ? `is retried after ${count.failures} failures of ${count.allowed}`
        : null;
    case "task.failed":
      return mayFail(count, maxLost)
        ? null
        : `fails after ${count.failures} failures and ${count.losses} losses`;
    default:
      return null;
  }
}

function mayFail({ lastKind, failures, allowed, losses }: Count, maxLost: number): boolean {
  if (lastKind === "permanent" || lastKind === "login") return true;
  return lastKind === "lost" ? losses > maxLost : failures >= allowed;
}
