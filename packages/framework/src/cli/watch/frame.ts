/** The live part of the screen while a run goes on: a pure function from what is known to lines. */
import { formatDuration } from "mai-orchestration-core";
import { shellWord } from "../store/store-words.ts";
import { clockTime, costText } from "../text/amounts.ts";
import { reasonBeside } from "../text/reason.ts";
import { fill, fit, oneLine, widthOf } from "../text/text.ts";
import { markOf, type Paint, type Theme } from "../text/theme.ts";
import { remainingMs } from "./remaining.ts";
import { leftIn, type RunWatch, type WatchedTask } from "./run-watch.ts";

/** @internal */
export interface FrameOptions {
  readonly theme: Theme;
  readonly columns: number;
  readonly rows: number;
  readonly now: number;
  /** What the person should know of the process itself, such as that it is stopping. */
  readonly notice: string | null;
}

/** Rows for tasks that wait for a retry or a quota. */
const mostWaiting = 3;

/** At most `rows - 1` lines, none wider than the screen. @internal */
export function frameLines(watch: RunWatch, options: FrameOptions): string[] {
  const { rows, theme } = options;
  const columns = options.columns - 1;
  const waits = waitLine(watch);
  const foot = [
    ...(waits === "" ? [] : [theme.dim(fit(`${theme.marks.wait} ${waits}`, columns))]),
    totalsLine(watch, { ...options, columns }),
    ...(options.notice === null ? [] : [theme.warn(fit(oneLine(options.notice), columns))]),
  ];
  const space = Math.max(1, rows - 2 - foot.length);
  return ["", ...taskLines(watch, { ...options, columns }, space), ...foot];
}

function taskLines(watch: RunWatch, options: FrameOptions, space: number): string[] {
  const waitingRows = Math.min(mostWaiting, watch.waiting.size, Math.max(0, space - 2));
  const held = first(watch.held.values(), space - waitingRows);
  const waiting = first(watch.waiting.values(), waitingRows);
  const hidden = watch.held.size - held.length;
  if (hidden > 0) held.pop();
  // The same for the whole run, so that columns stay where they are while tasks come and go.
  const idColumns = Math.min(watch.idColumns, Math.max(8, Math.floor(options.columns / 3)));
  const agentColumns = Math.min(16, Math.max(0, ...held.map((task) => widthOf(oneLine(task.agentId ?? "")))));
  return [
    ...held.map((task) => heldLine(task, options, idColumns, agentColumns)),
    ...(hidden > 0 ? [options.theme.dim(fit(`  and ${hidden + 1} more running`, options.columns))] : []),
    ...waiting.map((task) => waitingLine(task, options, idColumns)),
  ];
}

function heldLine(task: WatchedTask, options: FrameOptions, idColumns: number, agentColumns: number): string {
  const { theme, now, columns } = options;
  const since = clockTime(now - (task.startedAt ?? now)).padStart(5);
  const parts: Part[] = [
    [spinnerAt(theme, now), theme.accent],
    [fill(oneLine(task.taskId), idColumns), theme.bold],
    [fill(oneLine(task.agentId ?? ""), agentColumns), theme.dim],
    [since, plain],
    [doing(task), theme.dim],
  ];
  return joined(parts, columns);
}

function doing(task: WatchedTask): string {
  const attempt = task.attempt > 1 ? `attempt ${task.attempt}` : "";
  const stage = task.phase === "verifying" ? "checking" : task.phase === "cancelling" ? "stopping" : "";
  const percent = task.progress === null || task.phase !== "running" ? "" : `${Math.round(task.progress)}%`;
  const message = task.phase === "running" ? oneLine(task.message ?? "") : "";
  return [attempt, stage, percent, message].filter(Boolean).join("  ");
}

function waitingLine(task: WatchedTask, options: FrameOptions, idColumns: number): string {
  const { theme, now, columns } = options;
  const id = fill(oneLine(task.taskId), idColumns);
  if (task.phase === "approval-wait") {
    const answer = `mai approve ${shellWord(oneLine(task.taskId))}`;
    return joined(
      [
        [theme.marks.wait, theme.warn],
        [id, plain],
        ["waits for a person", theme.warn],
        [answer, theme.dim],
      ],
      columns,
    );
  }
  const wait = clockTime(Math.max(0, (task.notBefore ?? now) - now) + 999);
  const what = task.phase === "quota-wait" ? "quota opens" : "again";
  const parts: Part[] = [
    [theme.marks.again, theme.warn],
    [id, plain],
    [`${what} in ${wait}`, theme.warn],
    [oneLine(task.reason ?? ""), theme.dim],
  ];
  return joined(parts, columns);
}

type Part = readonly [text: string, paint: Paint];

const plain: Paint = (text) => text;

/** Parts with gaps; what does not fit is cut before it is painted. */
function joined(parts: readonly Part[], columns: number): string {
  let left = columns;
  const texts: string[] = [];
  for (const [i, [text, paint]] of parts.entries()) {
    const gap = i === 0 ? 0 : i === 1 ? 1 : 2;
    const short = fit(text, left - gap);
    if (short === "") continue;
    left -= gap + widthOf(short);
    texts.push(" ".repeat(gap) + paint(short));
  }
  return texts.join("");
}

function waitLine(watch: RunWatch): string {
  const { phases } = watch;
  if (leftIn(watch) === 0 && watch.tasks.size > 0 && watch.end === null) {
    return "repeating the checks of what has changed since";
  }
  return [
    phases.ready > 0 ? `${phases.ready} ready for a free slot` : "",
    phases.queued > 0 ? `${phases.queued} waiting for others` : "",
    watch.waiting.size > mostWaiting ? `${watch.waiting.size} to be tried again later` : "",
  ]
    .filter(Boolean)
    .join(", ");
}

function totalsLine(watch: RunWatch, options: FrameOptions): string {
  const { theme, now, columns } = options;
  const { verdicts, phases } = watch;
  const remaining = remainingMs(watch, now);
  const parts: Part[] = [
    [`${phases.ended}/${watch.tasks.size} done`, theme.bold],
    [count(verdicts.failed, "failed"), theme.bad],
    [count(verdicts.blocked, "blocked"), theme.warn],
    [count(verdicts.cancelled, "cancelled"), theme.warn],
    [costText(watch.cost), plain],
    [clockTime(now - watch.startedAt), plain],
    [remaining === null || remaining < 1_000 ? "" : `about ${clockTime(remaining)} left`, theme.dim],
  ];
  const shown = parts.filter(([text]) => text !== "");
  const bar = barOf(watch, theme, Math.min(24, Math.floor(columns / 4)));
  const texts = joined([["", plain], ...shown], columns - bar.width);
  return `${bar.text}${texts}`;
}

function count(many: number, what: string): string {
  return many === 0 ? "" : `${many} ${what}`;
}

/** How much has ended: good, then bad, then what is left. */
function barOf(
  watch: RunWatch,
  theme: Theme,
  width: number,
): { readonly text: string; readonly width: number } {
  if (width < 8 || watch.tasks.size === 0) return { text: "", width: 0 };
  const { verdicts } = watch;
  const share = (many: number): number => Math.round((many / watch.tasks.size) * width);
  const good = share(verdicts.verified + verdicts.unverified);
  const ended = leftIn(watch) === 0 ? width : Math.min(width, share(watch.phases.ended));
  const bad = Math.max(0, ended - good);
  const { full, empty } = theme.marks;
  const text =
    theme.good(full.repeat(good)) + theme.bad(full.repeat(bad)) + theme.dim(empty.repeat(width - good - bad));
  return { text, width };
}

function spinnerAt(theme: Theme, now: number): string {
  const { spinner } = theme.marks;
  return spinner[Math.floor(now / 100) % spinner.length] ?? "";
}

function first<T>(values: Iterable<T>, most: number): T[] {
  const taken: T[] = [];
  for (const value of values) {
    if (taken.length >= most) break;
    taken.push(value);
  }
  return taken;
}

/** What scrolls away above the live part when a task has ended: mark, task, verdict, time, attempts, reason. @internal */
export function endedLine(task: WatchedTask, theme: Theme, idColumns: number, columns: number): string {
  const took =
    task.startedAt === null || task.endedAt === null ? "" : formatDuration(task.endedAt - task.startedAt);
  const verdict = task.verdict ?? "failed";
  const succeeded = verdict === "verified" || verdict === "unverified";
  const parts: Part[] = [
    markOf(theme, task.phase, task.verdict),
    [fill(oneLine(task.taskId), Math.min(idColumns, Math.max(8, Math.floor(columns / 3)))), plain],
    [fill(verdict, 10), succeeded ? plain : theme.bold],
    [took.padStart(7), theme.dim],
    [task.attempt > 1 ? `${task.attempt} attempts` : "", theme.dim],
    [oneLine(reasonBeside(verdict, task.reason ?? "")), verdict === "failed" ? theme.bad : theme.warn],
  ];
  return joined(
    parts.filter(([text]) => text !== ""),
    columns,
  );
}
