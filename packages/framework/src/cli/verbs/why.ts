/** `mai why`: why a task is where it is. */
import { demandOf, formatDuration, type JournalEntry, type TaskState } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { exitCode, jsonFlag, runFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { judgedTasks } from "../store/final-results.ts";
import { findTask } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";
import { shellWord, storeWords } from "../store/store-words.ts";
import { clockTime } from "../text/amounts.ts";
import { interruptionText, withReason } from "../text/reason.ts";
import { columnsOf } from "../text/table.ts";
import { fit, oneLine, plural } from "../text/text.ts";
import { themeFor } from "../text/theme.ts";
import { answerText, eventLine, jsonLine } from "../watch/event-line.ts";
import { readJournal } from "../watch/follow-journal.ts";

/** Events shown: enough for the last attempts, few enough to be read. */
const mostEvents = 12;

/** @internal */
export const verb: Verb = {
  usage: "why TASK",
  args: [1, 1],
  flags: [runFlag, jsonFlag, storeFlag],
  examples: [["mai why types", "why `types` waits, failed, is blocked or was cancelled"]],
  async run(words, io) {
    return withStore(words, io, async (store, path) => {
      const { run, task: found } = await findTask(store, words.value("run"), words.args[0] ?? "");
      const [task = found] = await judgedTasks(store, run, [found]);
      const { events, interruption } = await pastOf(store, run, task.spec.taskId);
      const inStore = await storeWords(path, io);
      const resume = `\`mai resume ${run.runId}${inStore}\``;
      const reasons = [
        ...restReasons(run, task, interruption, resume),
        ...(await reasonsOf(store, run, task, io.now(), resume)),
        ...approvalReasons(run, task, inStore),
        ...pastReasons(task, events),
      ];
      if (words.has("json")) {
        const shown = events.map((entry) => JSON.parse(jsonLine(entry)) as object);
        io.stdout.write(
          `${JSON.stringify({ runId: run.runId, taskId: task.spec.taskId, phase: task.phase, reasons, events: shown })}\n`,
        );
      } else {
        io.stdout.write(textOf(task, reasons, events, io));
      }
      return exitCode.succeeded;
    });
  },
};

/** Sentences, the most important first. */
async function reasonsOf(
  store: Store,
  run: RunRecord,
  task: TaskState,
  now: number,
  resume: string,
): Promise<string[]> {
  switch (task.phase) {
    case "queued":
      return [await dependencyReason(store, run, task)];
    case "ready":
      // Nobody looks for a slot while the run rests.
      return run.interruptedAt === null ? [await slotReason(store, run, task)] : [];
    case "running":
    case "verifying":
    case "cancelling":
      return [heldReason(task, now), ...(await deadReason(store, run, task, resume))];
    case "retry-wait":
    case "quota-wait":
      return [waitReason(task, now)];
    case "approval-wait":
      return [];
    case "ended":
      return endReasons(task);
  }
}

/** What a person is asked, and what persons have answered. */
function approvalReasons(run: RunRecord, task: TaskState, inStore: string): string[] {
  const { taskId } = task.spec;
  const words = `${shellWord(oneLine(taskId))} --run ${run.runId}${inStore}`;
  const what = task.attempt === 0 ? "before it starts" : `for what attempt ${task.attempt} left`;
  const asked =
    task.phase === "approval-wait"
      ? [`it waits for a person's yes ${what}: \`mai approve ${words}\` or \`mai reject ${words}\``]
      : [];
  const said = task.approvals.map(
    (one) =>
      `${answerText(one.approved, one)} (${one.via}), ${one.attempt === 0 ? "before it started" : `after attempt ${one.attempt}`}`,
  );
  return [...asked, ...said];
}

async function dependencyReason(store: Store, run: RunRecord, task: TaskState): Promise<string> {
  const taskIds = [...new Set(task.spec.dependsOn ?? [])];
  const dependencies = await store.tasks({ runId: run.runId, taskIds });
  const open = dependencies
    .filter((one) => one.phase !== "ended")
    .map((one) => `${one.spec.taskId} (${one.phase})`);
  return `it waits for ${plural(open.length, "dependency").replace("dependencys", "dependencies")}: ${open.join(", ")}`;
}

async function slotReason(store: Store, run: RunRecord, task: TaskState): Promise<string> {
  const { phases } = await store.counts(run.runId);
  const held = (phases.running ?? 0) + (phases.verifying ?? 0) + (phases.cancelling ?? 0);
  const { kind, type, agent, locks, alone, requires } = demandOf(task.spec, task.losses);
  const who = agent ?? (kind === "command" ? "an agent that runs commands" : `an agent for ${type} tasks`);
  if (kind === "council") return "its panel is at work: its tasks are those whose ids begin with its own";
  const limit = run.parallel === null ? "" : ` of at most ${run.parallel}`;
  const extra = [
    task.unchecked ? `attempt ${task.attempt} had answered, so only its checks are repeated` : "",
    alone ? "its engine died under it, so it runs when nothing else does" : "",
    locks.length > 0 ? `it needs ${locks.join(", ")} for itself` : "",
    requires.length > 0 ? `it needs a machine with ${requires.join(", ")}` : "",
  ].filter(Boolean);
  return [
    `it is ready and waits for a free slot of ${who}; ${held}${limit} of this run are busy`,
    ...extra,
  ].join("; ");
}

/** What happened before that its phase does not tell. */
function pastReasons(task: TaskState, events: readonly JournalEntry[]): string[] {
  const adopted = events.findLast((entry) => entry.type === "attempt.adopted");
  const reopened = events.findLast((entry) => entry.type === "task.reopened");
  const refused = events.findLast((entry) => entry.type === "attempt.refused");
  const reasons: string[] = [];
  if (adopted?.type === "attempt.adopted" && adopted.attempt === task.attempt && task.end === null)
    reasons.push(
      adopted.counted
        ? `attempt ${adopted.attempt} was taken over from an engine that died`
        : `attempt ${adopted.attempt} had answered, so only its checks are repeated`,
    );
  if (reopened?.type === "task.reopened" && task.end === null)
    reasons.push(`it had ended, and was ${reopened.reason}`);
  if (refused?.type === "attempt.refused")
    reasons.push(`late word of attempt ${refused.attempt} was refused: ${refused.reason}`);
  reasons.push(...standInReasons(events));
  return reasons;
}

/** Of a run that rests: who stopped it, and what its tasks wait for. */
function restReasons(run: RunRecord, task: TaskState, interruption: string, resume: string): string[] {
  if (run.interruptedAt === null || task.phase === "ended") return [];
  return [`its run was ${interruptionText(interruption)}; it waits for ${resume}`];
}

function heldReason(task: TaskState, now: number): string {
  const since = task.startedAt === null ? "" : ` since ${clockTime(now - task.startedAt)}`;
  const what =
    task.phase === "running" ? "runs" : task.phase === "verifying" ? "is being checked" : "is being stopped";
  return `attempt ${task.attempt} ${what} on ${task.agentId}${since}`;
}

async function deadReason(
  store: Store,
  run: RunRecord,
  { spec, phase }: TaskState,
  resume: string,
): Promise<string[]> {
  const { driverOf } = await import("../run/driver-of.ts");
  const driver = await driverOf(store, run.runId);
  if (driver.state !== "dead") return [];
  const { markOf } = await import("mai-orchestration-engine");
  const held = driver.held.find(({ claim }) => claim.taskId === spec.taskId);
  const lives = held !== undefined && driver.custody.isAlive?.(markOf(held.claim)) === true;
  const then =
    phase === "cancelling"
      ? "ends it"
      : phase === "verifying"
        ? "repeats its checks, for it has answered"
        : lives
          ? "goes on with it, for it still runs"
          : "settles it from what it left, or starts the next attempt";
  return [`but the process that ran it has died; ${resume} ${then}`];
}

/** That another agent does what the first could not do for want of its account. */
function standInReasons(events: readonly JournalEntry[]): string[] {
  const starts = events.filter((entry) => entry.type === "attempt.started");
  const failed = events.findLast(
    (entry) => entry.type === "attempt.failed" && (entry.kind === "quota" || entry.kind === "login"),
  );
  if (failed?.type !== "attempt.failed") return [];
  const first = starts.find(({ attempt }) => attempt === failed.attempt);
  const next = starts.find(({ attempt }) => attempt === failed.attempt + 1);
  if (first === undefined || next === undefined || first.agentId === next.agentId) return [];
  const lack = failed.kind === "quota" ? "has no quota" : "is not logged in";
  return [`${next.agentId} stands in for ${first.agentId}, which ${lack}: ${firstLine(failed.reason)}`];
}

function waitReason(task: TaskState, now: number): string {
  const wait = formatDuration(Math.max(0, (task.notBefore ?? now) - now));
  const what =
    task.phase === "quota-wait"
      ? "a quota is used up; it is tried"
      : `attempt ${task.attempt} failed; it is tried`;
  const last = task.feedback === null ? "" : `: ${firstLine(task.feedback)}`;
  return `${what} again in ${wait}${last}`;
}

function endReasons(task: TaskState): string[] {
  const { end, receipts, attempt } = task;
  const failed = receipts
    .filter((receipt) => !receipt.passed)
    .map((receipt) => lastLines(receipt.outputTail));
  const answer = end?.verdict === "failed" && failed.length === 0 ? lastLines(task.answer?.output ?? "") : "";
  const passed = receipts.filter((receipt) => receipt.passed).length;
  const proof = end?.verdict === "verified" ? `: ${plural(passed, "check")} passed` : "";
  const unproven = end?.verdict === "unverified" ? ": it succeeded, and has no check that proves it" : "";
  const verdict = end?.verdict ?? "ended";
  const what = end?.reason == null ? verdict : withReason(end.verdict, end.reason);
  const tries = attempt === 0 ? "no attempt was started" : `after ${plural(attempt, "attempt")}`;
  return [`${what}${proof}${unproven} (${tries})`, ...failed, answer].filter(Boolean);
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-5).join("\n");
}

interface Past {
  /** The newest of the task. */
  readonly events: readonly JournalEntry[];
  /** Why its run was interrupted last; empty when it was not. */
  readonly interruption: string;
}

async function pastOf(store: Store, run: RunRecord, taskId: string): Promise<Past> {
  let events: JournalEntry[] = [];
  let interruption = "";
  await readJournal(store, run, (entries) => {
    const own = entries.filter((entry) => entry.taskId === taskId && entry.type !== "attempt.progressed");
    events = [...events, ...own].slice(-mostEvents);
    for (const entry of entries) if (entry.type === "run.interrupted") interruption = entry.reason;
  });
  return { events, interruption };
}

function textOf(
  task: TaskState,
  reasons: readonly string[],
  events: readonly JournalEntry[],
  io: CommandIo,
): string {
  const theme = themeFor(io.stdout, io.env);
  const columns = columnsOf(io.stdout);
  const [first = "", ...rest] = reasons;
  const details = rest.flatMap((reason) =>
    reason.split("\n").map((line) => `  ${fit(oneLine(line), columns - 2)}`),
  );
  const id = oneLine(task.spec.taskId);
  return `${[
    `${theme.bold(id)}: ${oneLine(first)}`,
    ...details,
    "",
    ...events.map((entry) => eventLine(entry, theme, id.length, columns)),
  ].join("\n")}\n`;
}
