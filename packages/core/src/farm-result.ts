/** From the fold of a task to the result that callers get. */

import type { RunResult } from "./lifecycle/events.ts";
import { hasSucceeded, type TaskState } from "./lifecycle/task-state.ts";
import type { FarmResult, ResultStatus, Verdict } from "./result.ts";
import { noUsage, unknownUsage } from "./usage.ts";

/** How an ended task is counted: success, failure, or blocked when it never started. @public */
export function statusOf(task: TaskState): ResultStatus {
  if (hasSucceeded(task)) return "success";
  if (task.end?.verdict === "blocked") return "blocked";
  return task.end?.verdict === "cancelled" && task.attempt === 0 ? "blocked" : "failure";
}

/** The result of an ended task. @public */
export function resultOf(task: TaskState): FarmResult {
  const { end, answer } = task;
  const reason = end?.reason ?? null;
  const result: FarmResult = {
    taskId: task.spec.taskId,
    agentId: task.agentId ?? "none",
    status: statusOf(task),
    // A failure's reader wants what was said; without any answer the reason is all there is.
    output: answer !== null && answer.output !== "" ? answer.output : (reason ?? ""),
    verdict: end?.verdict ?? "unverified",
    attempts: task.attempt,
    receipts: [...task.receipts],
    // What never started certainly used nothing.
    usage: task.usage ?? (task.attempt === 0 ? noUsage : unknownUsage),
  };
  if (answer !== null && answer.artifacts.length > 0) result.artifacts = [...answer.artifacts];
  const issues = issuesOf(task);
  if (issues.length > 0) result.issues = issues;
  if (reason !== null) result.reason = reason;
  const duration = durationOf(task);
  if (duration !== null) result.duration = duration;
  if (task.sessionId !== null) result.sessionId = task.sessionId;
  if (answer?.outputFile) result.outputFile = answer.outputFile;
  if (answer?.sharedWorkspace) result.sharedWorkspace = true;
  if (answer?.structuredOutput !== undefined) result.structuredOutput = answer.structuredOutput;
  if (task.work !== null) result.work = task.work;
  if (task.approvals.length > 0) result.approvals = [...task.approvals];
  if (task.spec.decision !== undefined) result.decision = task.spec.decision;
  return result;
}

/** What a person should know: what the agent met, what makes its result doubtful, where work that does not count is. */
function issuesOf({ answer, receipts, work }: TaskState): string[] {
  const old = receipts.filter(({ passed, failsOnBase }) => !passed && failsOnBase === true);
  const commands = [...new Set(old.map(({ command }) => command))];
  return [
    ...(answer?.issues ?? []),
    ...commands.map((command) => `the check fails on the base as well: ${command}`),
    ...(work?.doubts ?? []),
    ...(work?.salvage ? [`its work was salvaged: ${work.salvage}`] : []),
  ];
}

/** Milliseconds of the last attempt; a task that was cancelled while it waited for the next one did not work then. */
function durationOf({ startedAt, end, cancelReason, answer, attempt, approvals }: TaskState): number | null {
  if (startedAt === null || end === null) return null;
  // Only what ran when it was cancelled had to be asked to stop.
  const waited =
    approvals.at(-1)?.attempt === attempt ||
    end.verdict === "blocked" ||
    (end.verdict === "cancelled" && cancelReason === null);
  return waited ? (answer?.durationMs ?? null) : Math.max(0, end.at - startedAt);
}

/** What `run.finished` says of a task, ended or not. @public */
export function runResultOf(task: TaskState): RunResult {
  const row = {
    taskId: task.spec.taskId,
    status: task.end === null ? ("blocked" as ResultStatus) : statusOf(task),
    verdict: task.end?.verdict ?? ("blocked" as Verdict),
    attempts: task.attempt,
  };
  const reason = task.end?.reason ?? null;
  return reason === null ? row : { ...row, reason };
}

/**
 * The verdict of a whole: the worst of its parts. Nothing at all is `blocked`,
 * for an empty set is no success.
 *
 * @public
 */
export function overallVerdict(parts: readonly { readonly verdict: Verdict }[]): Verdict {
  for (const verdict of ["failed", "blocked", "cancelled", "unverified"] as const) {
    if (parts.some((part) => part.verdict === verdict)) return verdict;
  }
  return parts.length === 0 ? "blocked" : "verified";
}
