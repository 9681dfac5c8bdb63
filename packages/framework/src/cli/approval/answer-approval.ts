/** A person's answer to a task that waits for it, from wherever it comes. */
import { type Approval, MaiError, type Refusal, type TaskState } from "mai-orchestration-core";
import type { Store } from "mai-orchestration-engine";
import { findTask } from "../store/find-run.ts";
import { answerText } from "../watch/event-line.ts";

/** @internal */
export interface GivenAnswer extends Pick<Approval, "approved" | "by" | "via" | "note"> {
  readonly taskId: string;
  /** Its run; the newest that has not ended when `undefined`. */
  readonly run: string | undefined;
}

/** What an answer led to. @internal */
export interface Answered {
  readonly runId: string;
  readonly taskId: string;
  readonly approved: boolean;
  /** Whether it counted by this call; `false` when the same was said before. */
  readonly changed: boolean;
  readonly phase: TaskState["phase"];
  readonly verdict: string | null;
}

/** Rejects `task.not-waiting`, `run.not-found`, `run.task-not-found`. @internal */
export async function answerApproval(store: Store, given: GivenAnswer): Promise<Answered> {
  const { approved, by, via, note } = given;
  const { run, task } = await findTask(store, given.run, given.taskId);
  const { runId } = run;
  const { taskId } = task.spec;
  // About what was looked at, and not about what may wait by the time the store hears of it.
  const attempt = task.phase === "approval-wait" ? task.attempt : null;
  const settlement = await store.answerApproval(runId, taskId, { approved, by, via, note, attempt });
  if (!settlement.ok) throw notWaiting(runId, task, settlement.refusal);
  const { phase, end, approvals } = settlement.task;
  const changed = approvals.length > task.approvals.length;
  return { runId, taskId, approved, changed, phase, verdict: end?.verdict ?? null };
}

function notWaiting(runId: string, task: TaskState, refusal: Refusal): MaiError {
  const last = task.approvals.at(-1);
  const stands =
    refusal === "stale-attempt"
      ? "has gone on meanwhile"
      : task.end !== null
        ? `has ended (${task.end.verdict})`
        : `is ${task.phase}`;
  const said = last === undefined ? "" : `; it was ${answerText(last.approved, last)}`;
  return new MaiError("task.not-waiting", `Task ${task.spec.taskId} of ${runId} ${stands}${said}`, {
    hint: "Only a task that waits for a person can be answered; `mai why TASK` says where it stands.",
  });
}
