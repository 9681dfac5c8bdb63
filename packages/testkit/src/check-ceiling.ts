/** The law of a run's ceiling: reads nothing but the journal, and counts in its own way. */
import type { JournalEntry } from "mai-orchestration-core";

/** What a run may spend, has spent, and what may be spent by those that run. */
interface Account {
  ceiling: number | null;
  readonly costs: number[];
  /** Tasks whose newest attempt runs and has not said what it cost. */
  readonly open: Set<string>;
  readonly free: Set<string>;
}

/**
 * No attempt starts once what is spent, with the dearest attempt so far for each that runs and for the one to start,
 * would pass the ceiling of its run.
 *
 * @public
 */
export function checkCeiling(journal: readonly JournalEntry[]): readonly string[] {
  const accounts = new Map<string, Account>();
  const found: string[] = [];
  for (const entry of journal) {
    const account = accounts.get(entry.runId) ?? {
      ceiling: null,
      costs: [],
      open: new Set(),
      free: new Set(),
    };
    accounts.set(entry.runId, account);
    const broken = note(account, entry);
    if (broken !== null) found.push(`entry ${entry.seq} (${entry.runId}/${entry.taskId}) ${broken}`);
  }
  return found;
}

function note(account: Account, entry: JournalEntry): string | null {
  const { taskId = "" } = entry;
  switch (entry.type) {
    case "run.created":
    case "run.resumed":
      account.ceiling = entry.maxCostUsd ?? account.ceiling;
      return null;
    case "task.queued":
      if (entry.task.command !== undefined || entry.task.council !== undefined) account.free.add(taskId);
      return null;
    case "attempt.started": {
      if (account.free.has(taskId)) return null;
      const broken = breaks(account);
      account.open.add(taskId);
      return broken;
    }
    case "attempt.answered":
    case "attempt.failed":
    case "attempt.lost": {
      account.open.delete(taskId);
      const cost = entry.answer?.usage.costUsd ?? null;
      if (cost !== null) account.costs.push(cost);
      return null;
    }
    case "task.cancelled":
      account.open.delete(taskId);
      return null;
    default:
      return null;
  }
}

function breaks({ ceiling, costs, open }: Account): string | null {
  if (ceiling === null) return null;
  const spent = costs.reduce((sum, cost) => sum + cost, 0);
  const foreseen = spent + Math.max(0, ...costs) * (open.size + 1);
  return foreseen <= ceiling + 1e-6
    ? null
    : `starts although ${foreseen} dollars are foreseen and ${ceiling} are the ceiling`;
}
