/** Between rows of the file and the states of core. */
import {
  type Answer,
  type Approval,
  type Dependant,
  type FarmTask,
  type JournalEntry,
  type MaiEvent,
  noUsage,
  type Receipt,
  type TaskEnd,
  type TaskPhase,
  type TaskState,
  type Usage,
  type Verdict,
  type Work,
} from "mai-orchestration-core";
import type { HeldAttempt } from "mai-orchestration-engine";
import { workerOf } from "./run-rows.ts";

export type Row = Readonly<Record<string, unknown>>;

/** A task with all that its state needs, to be selected from {@link taskTables}. */
export const taskColumns = `t.id, r.run_id, t.phase, t.behind_ms, t.serve_day, t.attempt, t.failures, t.losses,
  t.max_attempts, t.agent_id, t.worker_id, t.started_at, t.not_before, t.verdict, t.ended_at, t.usage, t.detail,
  s.spec, a.data AS answer`;

export const taskTables = `tasks t JOIN specs s ON s.id = t.id JOIN runs r ON r.id = t.run
  LEFT JOIN events a ON a.seq = t.answer_seq`;

/** The columns of a task that change as it lives, in the order of {@link changingValues}. */
export const changing: readonly string[] = [
  "phase",
  "serve_day",
  "attempt",
  "failures",
  "losses",
  "max_attempts",
  "agent_id",
  "worker_id",
  "started_at",
  "not_before",
  "verdict",
  "ended_at",
  "usage",
  "detail",
];

export function changingValues(task: TaskState): (string | number | null)[] {
  return [
    task.phase,
    task.serveDay,
    task.attempt,
    task.failures,
    task.losses,
    task.maxAttempts,
    task.agentId,
    task.workerId,
    task.startedAt,
    task.notBefore,
    task.end?.verdict ?? null,
    task.end?.at ?? null,
    usageText(task.usage),
    detailOf(task),
  ];
}

/** What few tasks gather as they live; absent parts are as they were at first. */
interface Detail {
  readonly receipts?: readonly Receipt[];
  readonly work?: Work;
  readonly approvals?: readonly Approval[];
  readonly feedback?: string;
  readonly sessionId?: string;
  readonly progress?: number;
  readonly cancelReason?: string;
  readonly endReason?: string;
  readonly unchecked?: true;
}

const noDetail: Detail = {};

export function taskOf(row: Row): TaskState {
  const detail: Detail = row["detail"] === null ? noDetail : JSON.parse(row["detail"] as string);
  const { receipts = [], work = null, feedback = null, sessionId = null } = detail;
  const { progress = null, cancelReason = null, approvals = [] } = detail;
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
    answer:
      row["answer"] === null ? null : (JSON.parse(row["answer"] as string) as { answer: Answer }).answer,
    unchecked: detail.unchecked === true,
    receipts,
    work,
    approvals,
    feedback,
    sessionId,
    progress,
    usage: usageOf(row["usage"] as string | null),
    cancelReason,
    end: endOf(row, detail),
  };
}

function endOf(row: Row, detail: Detail): TaskEnd | null {
  if (row["verdict"] === null) return null;
  const verdict = row["verdict"] as Verdict;
  return { verdict, reason: detail.endReason ?? null, at: row["ended_at"] as number };
}

/** Work without a model is so common that its usage is one character. */
const noUsageText = "0";

function usageOf(text: string | null): Usage | null {
  if (text === null) return null;
  return text === noUsageText ? noUsage : (JSON.parse(text) as Usage);
}

function usageText(usage: Usage | null): string | null {
  if (usage === null) return null;
  const isNone = usage === noUsage || Object.values(usage).every((value) => value === 0);
  return isNone ? noUsageText : JSON.stringify(usage);
}

/** The detail of a task as text; `null` while it has none. */
function detailOf(task: TaskState): string | null {
  const { receipts, work, approvals, feedback, sessionId, progress, cancelReason, end, unchecked } = task;
  const endReason = end === null ? null : end.reason;
  const isPlain =
    receipts.length === 0 &&
    work === null &&
    approvals.length === 0 &&
    feedback === null &&
    sessionId === null &&
    progress === null &&
    cancelReason === null &&
    endReason === null &&
    !unchecked;
  if (isPlain) return null;
  const detail: Record<string, unknown> = {};
  if (receipts.length > 0) detail["receipts"] = receipts;
  if (work !== null) detail["work"] = work;
  if (approvals.length > 0) detail["approvals"] = approvals;
  if (feedback !== null) detail["feedback"] = feedback;
  if (sessionId !== null) detail["sessionId"] = sessionId;
  if (progress !== null) detail["progress"] = progress;
  if (cancelReason !== null) detail["cancelReason"] = cancelReason;
  if (endReason !== null) detail["endReason"] = endReason;
  if (unchecked) detail["unchecked"] = true;
  return JSON.stringify(detail);
}

export function dependantOf(row: Row): Dependant {
  return { sequence: row["id"] as number, open: row["open"] as number };
}

export function taskOrNone(row: Row | undefined): TaskState | undefined {
  return row === undefined ? undefined : taskOf(row);
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

export function heldOf(row: Row): HeldAttempt {
  const task = taskOf(row);
  const worker = workerOf(row);
  const { workerId } = worker;
  const claim = { runId: task.runId, taskId: task.spec.taskId, attempt: task.attempt, workerId, task };
  return { claim, worker, renewals: row["renewals"] as number };
}
