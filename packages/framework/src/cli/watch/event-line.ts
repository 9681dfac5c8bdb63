/** One event as one line: for programs, and for people. */
import {
  type Approval,
  formatDuration,
  type JournalEntry,
  type TaskEvent,
  type Work,
} from "mai-orchestration-core";
import { timeOfDay } from "../text/amounts.ts";
import { interruptionText, withReason } from "../text/reason.ts";
import { fill, fit, oneLine, plural } from "../text/text.ts";
import type { Theme } from "../text/theme.ts";

/** An event as a line of JSON, what names it first. @internal */
export function jsonLine(entry: JournalEntry): string {
  const { seq, at, type, runId, taskId, ...rest } = entry;
  const head = taskId === undefined ? { seq, at, type, runId } : { seq, at, type, runId, taskId };
  return `${JSON.stringify({ ...head, ...rest })}\n`;
}

/** An event in words, without time and task. @internal */
export function describe(entry: JournalEntry): string {
  switch (entry.type) {
    case "run.created":
      return `run created${entry.name === null ? "" : `: ${entry.name}`}`;
    case "run.resumed":
      return `run resumed: ${resumedText(entry)}`;
    case "run.interrupted":
      return `run ${interruptionText(entry.reason)}; continue with: ${entry.resume}`;
    case "run.finished":
      return `run finished: ${entry.verdict}, ${plural(entry.results.length, "task")}`;
    case "delivery.started":
      return `${plural(entry.tasks.length, "task")} queued for ${entry.target}`;
    case "delivery.merged":
      return `${entry.tasks.join(", ")} merged for ${entry.target}`;
    case "delivery.failed":
      return `${entry.task} is not delivered${entry.target === null ? "" : ` to ${entry.target}`}: ${entry.reason}`;
    case "delivery.conflicted":
      return conflictText(entry);
    case "delivery.offered":
      return `${entry.task} offered as a ${entry.as === "patch" ? "patch" : "pull request"}: ${entry.place}`;
    case "delivery.finished":
      return entry.branch === null
        ? `${entry.target} has what was merged`
        : `what was merged for ${entry.target} waits on ${entry.branch}: ${entry.reason ?? ""}`;
    default:
      return describeTask(entry);
  }
}

function conflictText({ task, target, files, resolver }: Conflicted): string {
  const where = files.length === 0 ? "" : ` in ${namesOf(files)}`;
  return `${task} contradicts ${target}${where}; ${resolver === null ? "left to a person" : `${resolver} brings both together`}`;
}

type Conflicted = Extract<JournalEntry, { readonly type: "delivery.conflicted" }>;

/** What is reused, and what will run. @internal */
export function resumedText(entry: Extract<JournalEntry, { readonly type: "run.resumed" }>): string {
  const { reused, open, answered = [], alive = [], dead = [] } = entry;
  const parts: readonly (readonly [readonly string[], string])[] = [
    [answered, "had answered: only their checks"],
    [alive, "still run: gone on with"],
    [dead, "died: settled from what they left, else tried again"],
  ];
  const told = parts.filter(([ids]) => ids.length > 0).map(([ids, what]) => `${namesOf(ids)} ${what}`);
  return [`${reused} reused, ${open} to do`, ...told].join("; ");
}

function namesOf(ids: readonly string[]): string {
  const more = ids.length - mostNames;
  return more > 1 ? `${ids.slice(0, mostNames).join(", ")} and ${more} more` : ids.join(", ");
}

const mostNames = 5;

function describeTask(entry: TaskEvent): string {
  switch (entry.type) {
    case "task.queued":
      return entry.task.dependsOn?.length ? `queued after ${entry.task.dependsOn.join(", ")}` : "queued";
    case "task.ready":
      return "ready";
    case "attempt.started":
      return `attempt ${entry.attempt} started by ${entry.agentId}`;
    case "attempt.adopted":
      return entry.counted
        ? `attempt ${entry.attempt} goes on: adopted from an engine that died`
        : `attempt ${entry.attempt} goes on: it had answered, only its checks are repeated`;
    case "attempt.progressed":
      return progressText(entry.progress, entry.message);
    case "attempt.answered":
      return `answered after ${formatDuration(entry.answer.durationMs)}`;
    case "check.passed":
      return `check passed: ${entry.receipt.command} (${formatDuration(entry.receipt.durationMs)})`;
    case "check.failed":
      return `check failed: ${entry.receipt.command} (${exitText(entry.receipt.exitCode)})`;
    case "attempt.kept":
      return keptText(entry.work);
    case "attempt.failed":
      return `attempt ${entry.attempt} failed: ${entry.reason}`;
    case "attempt.lost":
      return entry.counted
        ? `attempt ${entry.attempt} lost: ${entry.reason}`
        : `attempt ${entry.attempt} interrupted, which does not count: ${entry.reason}`;
    case "approval.requested":
      return entry.attempt === 0
        ? "waits for a person's yes before it starts"
        : `attempt ${entry.attempt} is done, and waits for a person's yes`;
    case "approval.given":
    case "approval.refused":
      return answerText(entry.type === "approval.given", entry);
    case "attempt.refused":
      return `late word of attempt ${entry.attempt} refused: ${entry.reason}`;
    case "task.retried":
      return `${entry.wait === "quota" ? "waits for a quota" : "will be tried again"}, not before ${timeOfDay(entry.notBefore)}`;
    case "task.succeeded":
      return entry.reason === undefined ? entry.verdict : `${entry.verdict}: ${entry.reason}`;
    case "task.failed":
      return withReason("failed", entry.reason);
    case "task.blocked":
      return withReason("blocked", entry.reason);
    case "task.cancel-requested":
      return `asked to stop: ${entry.reason}`;
    case "task.cancelled":
      return withReason("cancelled", entry.reason);
    case "task.reopened":
      return `opened again: ${entry.reason}`;
  }
}

/** `approved by ann: looks good`. @internal */
export function answerText(approved: boolean, { by, note }: Pick<Approval, "by" | "note">): string {
  return `${approved ? "approved" : "refused"} by ${by}${note === null ? "" : `: ${note}`}`;
}

function keptText({ branch, salvage, files, insertions, deletions }: Work): string {
  const size = `${plural(files, "file")}, +${insertions} -${deletions}`;
  return branch === null
    ? `work salvaged in ${salvage ?? "-"} (${size})`
    : `work kept on ${branch} (${size})`;
}

/** Behind a bar, so that no task can say what reads like a word of the engine. */
function progressText(progress: number | null, message: string | null): string {
  const percent = progress === null ? "" : `${Math.round(progress)}%`;
  const text = [percent, message ?? ""].filter(Boolean).join(" ");
  return text === "" ? "alive" : `| ${text}`;
}

function exitText(code: number | null): string {
  return code === null ? "did not end in time" : `exit ${code}`;
}

/**
 * An event as a line for people: time, task, what happened.
 *
 * @param idColumns - cells that task ids take
 * @internal
 */
export function eventLine(entry: JournalEntry, theme: Theme, idColumns: number, columns: number): string {
  const time = timeOfDay(entry.at);
  const id = fill(oneLine(entry.taskId ?? "-"), idColumns);
  const text = fit(oneLine(describe(entry)), columns - time.length - idColumns - 4);
  return `${theme.dim(time)}  ${id}  ${paintFor(entry, theme)(text)}`.trimEnd();
}

function paintFor(entry: JournalEntry, theme: Theme): (text: string) => string {
  switch (entry.type) {
    case "task.succeeded":
    case "check.passed":
    case "approval.given":
    case "delivery.merged":
      return theme.good;
    case "task.failed":
    case "check.failed":
      return theme.bad;
    case "task.blocked":
    case "task.cancelled":
    case "attempt.failed":
    case "attempt.lost":
    case "approval.requested":
    case "approval.refused":
    case "task.retried":
    case "run.interrupted":
    case "delivery.failed":
    case "delivery.conflicted":
      return theme.warn;
    case "run.finished":
      return theme.bold;
    default:
      return (text) => text;
  }
}

/** Whether an event is worth a line while a run goes on; the rest is in `mai events`. @internal */
export function isNews(entry: JournalEntry): boolean {
  return entry.type !== "task.queued" && entry.type !== "task.ready";
}
