/** What a run came to, as a table: every task, its verdict and why. */
import { formatDuration } from "mai-orchestration-core";
import { shellWord } from "../store/store-words.ts";
import { costText, dollars } from "../text/amounts.ts";
import { reasonBeside } from "../text/reason.ts";
import { type Cell, headings, tableLines } from "../text/table.ts";
import { oneLine, plural } from "../text/text.ts";
import { markOf, paintOf, type Theme } from "../text/theme.ts";
import { type Delivered, type RunWatch, tookMs, type WatchedTask } from "./run-watch.ts";

/** @internal */
export interface SummaryOptions {
  readonly theme: Theme;
  readonly columns: number;
  readonly now: number;
}

/** One row for each task, ended or not. @internal */
export function taskTable(watch: RunWatch, options: SummaryOptions): string[] {
  const { theme, columns } = options;
  const tasks = [...watch.tasks.values()];
  if (tasks.length === 0) return [];
  const withCost = watch.cost.atLeastUsd > 0 || watch.cost.unknownParts > 0;
  const texts = ["", "TASK", "VERDICT", "ATTEMPTS", "TOOK", ...(withCost ? ["COST"] : []), "REASON"];
  const hasReasons = tasks.some((task) => reasonOf(task) !== "");
  const rows = [headings(theme.dim, ...texts), ...tasks.map((task) => taskRow(task, withCost, options))];
  return tableLines(hasReasons ? rows : rows.map((row) => row.slice(0, -1)), columns);
}

function taskRow(task: WatchedTask, withCost: boolean, { theme, now }: SummaryOptions): Cell[] {
  const { verdict } = task;
  const took = tookMs(task, now);
  const [mark, paint] = markOf(theme, task.phase, verdict);
  return [
    { text: mark, paint },
    { text: task.taskId, keep: true },
    verdict === null ? { text: phaseText(task) } : { text: verdict, paint: paintOf(theme, verdict) },
    { text: task.attempt === 0 ? "-" : String(task.attempt), right: true },
    { text: took === null ? "-" : formatDuration(took), right: true },
    ...(withCost ? [{ text: taskCost(task), right: true }] : []),
    { text: reasonOf(task), ...(verdict === null ? { paint: theme.dim } : {}) },
  ];
}

/** Where a task that has not ended stands, in words. @internal */
function phaseText(task: WatchedTask): string {
  switch (task.phase) {
    case "verifying":
      return "checking";
    case "retry-wait":
      return "waits (retry)";
    case "quota-wait":
      return "waits (quota)";
    case "approval-wait":
      return "waits (person)";
    default:
      return task.phase;
  }
}

function reasonOf(task: WatchedTask): string {
  if (task.verdict === "verified") return "";
  if (task.verdict === null && task.phase !== "retry-wait" && task.phase !== "quota-wait") {
    return task.attempt > 0 && task.agentId !== null && task.phase !== "ready" ? `by ${task.agentId}` : "";
  }
  return reasonBeside(task.verdict, task.reason ?? "");
}

function taskCost(task: WatchedTask): string {
  if (task.costsUnknown > 0) return task.costUsd > 0 ? `${dollars(task.costUsd)}+?` : "?";
  return task.costUsd === 0 ? "-" : dollars(task.costUsd);
}

/** `6 tasks: 4 verified, 1 failed, 1 blocked in 1m 02s, $0.12`. @internal */
export function totalsText(watch: RunWatch, now: number): string {
  const verdicts = Object.entries(watch.verdicts).filter(([, many]) => many > 0);
  const left = watch.tasks.size - watch.phases.ended;
  const counts = verdicts.map(([verdict, many]) => `${many} ${verdict}`);
  if (left > 0) counts.push(`${left} not ended`);
  const time = formatDuration(Math.max(0, (watch.end === null ? now : watch.lastAt) - watch.startedAt));
  const cost = costText(watch.cost);
  return `${plural(watch.tasks.size, "task")}: ${counts.join(", ")} in ${time}${cost === "" ? "" : `, ${cost}`}`;
}

/** @internal */
export interface EndOptions extends SummaryOptions {
  /** What command lines that are printed need to mean this store: `storeWords`. */
  readonly inStore: string;
}

/** The table, the totals, where the output is, and what to type next. @internal */
export function summaryLines(watch: RunWatch, options: EndOptions): string[] {
  const { theme, now } = options;
  const isGood =
    watch.end?.type === "finished" &&
    (watch.end.verdict === "verified" || watch.end.verdict === "unverified");
  const paint = isGood ? theme.good : watch.end?.type === "finished" ? theme.bad : theme.warn;
  return [...taskTable(watch, options), "", paint(totalsText(watch, now)), ...nextSteps(watch, options)];
}

function nextSteps(watch: RunWatch, { theme, inStore }: EndOptions): string[] {
  const steps: [string, string][] = [["Run", watch.runId]];
  if (watch.root !== "") steps.push(["Logs", `${watch.root}/.mai/logs/${watch.runId}`]);
  for (const [target, delivered] of watch.delivered) steps.push(["Into", deliveredText(target, delivered)]);
  // How to go on after an interruption is said by who was interrupted, as the last line.
  if (watch.end?.type === "finished") steps.push(["Next", nextStep(watch, inStore)]);
  return steps.map(([name, text]) => `${theme.dim(name.padEnd(4))}  ${text}`);
}

function deliveredText(target: string, { merged, left, branch, reason }: Delivered): string {
  const counts = `${target}: ${plural(merged, "task")} merged${left === 0 ? "" : `, ${left} left out`}`;
  // A person takes it the way git does, which refuses what would lose something.
  return branch === null ? counts : `${counts}; ${reason ?? ""}. Take it: git merge --ff-only ${branch}`;
}

function nextStep(watch: RunWatch, inStore: string): string {
  for (const { verdict, taskId } of watch.tasks.values()) {
    if (verdict !== "failed") continue;
    const words = `${shellWord(oneLine(taskId))} --run ${watch.runId}${inStore}`;
    return `mai logs ${words}  or  mai why ${words}`;
  }
  return `mai report ${watch.runId}${inStore}`;
}
