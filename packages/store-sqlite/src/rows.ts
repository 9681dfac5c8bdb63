/** Between rows of the file and the states of core. */
import type {
  Answer,
  FarmTask,
  JournalEntry,
  MaiEvent,
  Receipt,
  TaskEnd,
  TaskPhase,
  TaskState,
  Usage,
  Verdict,
} from "mai-orchestration-core";
import type { RunCounts, RunRecord } from "mai-orchestration-engine";

export type Row = Readonly<Record<string, unknown>>;

export const taskColumns = `t.id, r.run_id, t.phase, t.behind_ms, t.serve_day, t.attempt, t.failures, t.losses,
  t.max_attempts, t.agent_id, t.worker_id, t.started_at, t.not_before, t.spec, t.detail`;

/** What a task gathers as it lives; absent parts are as they were at first. */
interface Detail {
  readonly answer?: Answer;
  readonly receipts?: readonly Receipt[];
  readonly feedback?: string;
  readonly sessionId?: string;
  readonly progress?: number;
  readonly usage?: Usage;
  readonly cancelReason?: string;
  readonly end?: TaskEnd;
}

export function taskOf(row: Row): TaskState {
  const detail: Detail = row["detail"] === null ? {} : JSON.parse(row["detail"] as string);
  return {
    runId: row["run_id"] as string,
    spec: JSON.parse(row["spec"] as string) as FarmTask,
    sequence: row["id"] as number,
    phase: row["phase"] as TaskPhase,
    behindMs: row["behind_ms"] as number,
    serveDay: row["serve_day"] as number | null,
    attempt: row["attempt"] as number,
    failures: row["failures"] as number,
    losses: row["losses"] as number,
    maxAttempts: row["max_attempts"] as number,
    agentId: row["agent_id"] as string | null,
    workerId: row["worker_id"] as string | null,
    startedAt: row["started_at"] as number | null,
    notBefore: row["not_before"] as number | null,
    answer: detail.answer ?? null,
    receipts: detail.receipts ?? [],
    feedback: detail.feedback ?? null,
    sessionId: detail.sessionId ?? null,
    progress: detail.progress ?? null,
    usage: detail.usage ?? null,
    cancelReason: detail.cancelReason ?? null,
    end: detail.end ?? null,
  };
}

/** The detail of a task as text; `null` while it has none. */
export function detailOf(task: TaskState): string | null {
  const { answer, receipts, feedback, sessionId, progress, usage, cancelReason, end } = task;
  const isPlain =
    answer === null &&
    receipts.length === 0 &&
    feedback === null &&
    sessionId === null &&
    progress === null &&
    usage === null &&
    cancelReason === null &&
    end === null;
  if (isPlain) return null;
  const detail: Record<string, unknown> = {};
  if (answer !== null) detail["answer"] = answer;
  if (receipts.length > 0) detail["receipts"] = receipts;
  if (feedback !== null) detail["feedback"] = feedback;
  if (sessionId !== null) detail["sessionId"] = sessionId;
  if (progress !== null) detail["progress"] = progress;
  if (usage !== null) detail["usage"] = usage;
  if (cancelReason !== null) detail["cancelReason"] = cancelReason;
  if (end !== null) detail["end"] = end;
  return JSON.stringify(detail);
}

export function runOf(row: Row): RunRecord {
  return {
    runId: row["run_id"] as string,
    name: row["name"] as string | null,
    root: row["root"] as string,
    parallel: row["parallel"] as number | null,
    failFast: row["fail_fast"] === 1,
    timeoutMs: row["timeout_ms"] as number | null,
    sharedChecks: row["shared_checks"] === 1,
    createdAt: row["created_at"] as number,
    firstSeq: row["first_seq"] as number,
    finishedAt: row["finished_at"] as number | null,
    verdict: row["verdict"] as Verdict | null,
    interruptedAt: row["interrupted_at"] as number | null,
  };
}

/** The part of an event that its row's own columns do not say. */
export function dataOf(event: MaiEvent): string {
  if (event.type === "task.queued") return `{"behindMs":${event.behindMs}}`;
  const { type: _, ...data } = event;
  return JSON.stringify(data);
}

export function entryOf(row: Row): JournalEntry {
  const { seq, at, type } = row as { seq: number; at: number; type: string };
  const data = JSON.parse(row["data"] as string) as object;
  const head = { type, seq, at, runId: row["run_id"] as string };
  if (row["task_id"] === null) return { ...head, ...data } as unknown as JournalEntry;
  const task = type === "task.queued" ? { task: JSON.parse(row["spec"] as string) } : {};
  return { ...head, taskId: row["task_id"] as string, ...task, ...data } as unknown as JournalEntry;
}

/** Sums rows of (phase, verdict, count, wake). */
export function countsOf(rows: readonly Row[]): RunCounts {
  const phases: Partial<Record<TaskPhase, number>> = {};
  const verdicts: Partial<Record<Verdict, number>> = {};
  let total = 0;
  let nextWakeAt: number | null = null;
  for (const row of rows) {
    const { phase, verdict, count, wake } = row as {
      phase: TaskPhase;
      verdict: Verdict | null;
      count: number;
      wake: number | null;
    };
    total += count;
    phases[phase] = (phases[phase] ?? 0) + count;
    if (verdict !== null) verdicts[verdict] = (verdicts[verdict] ?? 0) + count;
    if (wake !== null) nextWakeAt = Math.min(nextWakeAt ?? wake, wake);
  }
  return { total, phases, verdicts, nextWakeAt };
}
