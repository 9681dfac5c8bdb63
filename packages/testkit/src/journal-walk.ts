/** Goes through a journal and tells at every entry who runs. Believes nothing: a broken journal is walked to its end. */
import type { JournalEntry } from "mai-orchestration-core";

/** What a walk knows of one task. */
export interface TaskLife {
  readonly key: string;
  readonly dependsOn: readonly string[];
  readonly locks: readonly string[];
  readonly checks: readonly string[];
  readonly maxLost: number;
  /** Whether it was ready at least once. */
  opened: boolean;
  /** Number of the newest attempt. */
  attempt: number;
  /** Who runs the newest attempt; `null` when nobody does. */
  held: { readonly agentId: string; readonly workerId: string; readonly runId: string } | null;
  losses: number;
  notBefore: number;
  answered: boolean;
  /** Whether the newest attempt had answered when it lost its worker, and nobody has taken it up since. */
  isUnchecked: boolean;
  readonly passed: Set<string>;
  failedCheck: boolean;
  readonly approval: "before" | "after" | null;
  /** Whether a person is asked, and has not answered. */
  asking: boolean;
  /** Whether a person has let it start. */
  mayStart: boolean;
  /** What a person said last, until something follows from it. */
  said: "given" | "refused" | null;
  /** Why its success may not be called verified. */
  doubtful: boolean;
  end: JournalEntry["type"] | null;
}

/** All that a walk knows where it is. */
export interface World {
  life(runId: string, taskId: string): TaskLife | undefined;
  /** Tasks that run. */
  readonly held: ReadonlySet<TaskLife>;
  parallelOf(runId: string): number | null;
}

export type Visit = (entry: JournalEntry, life: TaskLife | undefined, world: World) => void;

/**
 * @param visit - called before the entry takes effect
 * @returns what is known at the end
 */
export function walk(journal: readonly JournalEntry[], visit: Visit): World {
  const lives = new Map<string, TaskLife>();
  const parallel = new Map<string, number | null>();
  const held = new Set<TaskLife>();
  const life = (runId: string, taskId: string): TaskLife | undefined => lives.get(keyOf(runId, taskId));
  const world: World = { life, held, parallelOf: (runId) => parallel.get(runId) ?? null };
  for (const entry of journal) {
    const current = entry.taskId === undefined ? undefined : life(entry.runId, entry.taskId);
    visit(entry, current, world);
    if (entry.type === "run.created") parallel.set(entry.runId, entry.parallel);
    else if (entry.type === "task.queued" && entry.taskId !== undefined && current === undefined) {
      lives.set(keyOf(entry.runId, entry.taskId), born(entry));
    } else if (current !== undefined) {
      live(current, entry);
      if (current.held === null) held.delete(current);
      else held.add(current);
    }
  }
  return world;
}

function keyOf(runId: string, taskId: string): string {
  return JSON.stringify([runId, taskId]);
}

function born(entry: Extract<JournalEntry, { readonly type: "task.queued" }>): TaskLife {
  const { task } = entry;
  return {
    key: `${entry.runId}/${task.taskId}`,
    dependsOn: task.dependsOn ?? [],
    locks: task.locks ?? [],
    checks: (task.verify ?? []).map((check) => check.command),
    maxLost: task.retry?.maxLost ?? 3,
    opened: false,
    attempt: 0,
    held: null,
    losses: 0,
    notBefore: 0,
    answered: false,
    isUnchecked: false,
    passed: new Set(),
    failedCheck: false,
    approval: task.approval ?? null,
    asking: false,
    mayStart: false,
    said: null,
    doubtful: false,
    end: null,
  };
}

function live(life: TaskLife, entry: JournalEntry): void {
  switch (entry.type) {
    case "task.ready":
      life.opened = true;
      return;
    case "attempt.started": {
      const { agentId, workerId, runId, attempt } = entry;
      life.attempt = attempt;
      life.held = { agentId, workerId, runId };
      life.answered = false;
      life.passed.clear();
      life.said = null;
      life.failedCheck = false;
      life.doubtful = false;
      return;
    }
    case "attempt.adopted": {
      const { agentId, workerId, runId } = entry;
      life.held = { agentId, workerId, runId };
      life.isUnchecked = false;
      if (entry.counted) life.losses++;
      life.passed.clear();
      life.failedCheck = false;
      return;
    }
    case "approval.requested":
    case "approval.given":
    case "approval.refused":
      ask(life, entry);
      return;
    case "attempt.answered":
      life.answered = true;
      return;
    case "check.passed":
      if (life.answered) life.passed.add(entry.receipt.command);
      return;
    case "check.failed":
      if (entry.receipt.failsOnBase === true) {
        life.passed.add(entry.receipt.command);
        life.doubtful = true;
      } else life.failedCheck = true;
      return;
    case "attempt.kept":
      if (entry.work.doubts.length > 0) life.doubtful = true;
      return;
    case "attempt.lost":
      if (entry.counted) life.losses++;
      life.isUnchecked = life.answered && life.held !== null;
      life.held = null;
      return;
    case "attempt.failed":
      life.held = null;
      return;
    case "task.retried":
      life.notBefore = entry.notBefore;
      return;
    case "task.succeeded":
    case "task.failed":
    case "task.blocked":
    case "task.cancelled":
      life.held = null;
      life.asking = false;
      life.isUnchecked = false;
      life.end = entry.type;
      return;
    case "task.reopened":
      life.opened = false;
      life.losses = 0;
      life.notBefore = 0;
      life.end = null;
      return;
    default:
      return;
  }
}

function ask(
  life: TaskLife,
  { type, attempt }: Extract<JournalEntry, { readonly type: `approval.${string}` }>,
): void {
  life.asking = type === "approval.requested";
  if (life.asking) {
    life.opened = true;
    life.held = null;
  } else {
    life.said = type === "approval.given" ? "given" : "refused";
    if (life.said === "given" && attempt === 0) life.mayStart = true;
  }
}
