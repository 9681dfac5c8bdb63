/** How a run is shown while it goes on: as JSON, as plain lines, or live on a terminal. */
import type { JournalEntry } from "mai-orchestration-core";
import type { CommandIo } from "../io.ts";
import { columnsOf, sizeOf } from "../text/table.ts";
import { fill, fit, oneLine, widthOf } from "../text/text.ts";
import { type Theme, themeFor } from "../text/theme.ts";
import { eventLine, isNews, jsonLine, resumedText } from "./event-line.ts";
import { endedLine, frameLines } from "./frame.ts";
import { liveRegion } from "./live-region.ts";
import { newRunWatch, type RunWatch } from "./run-watch.ts";
import { summaryLines } from "./summary.ts";
import { watchEntry } from "./watch-entry.ts";

/** @internal */
export interface Presenter {
  readonly watch: RunWatch;
  /** Takes note of entries from before the watching began: they are known, and not shown. */
  recall(entries: readonly JournalEntry[]): void;
  show(entries: readonly JournalEntry[]): void;
  /** Says something about the process itself; an empty text takes back what stands on a screen. */
  notice(text: string): void;
  /** Ends the showing, with a summary when `summary` holds. */
  close(summary: boolean): void;
}

const frameMs = 100;

/** @internal */
export interface PresenterOptions {
  readonly json: boolean;
  /** What command lines that are printed need to mean this store: `storeWords`. */
  readonly inStore: string;
}

/** The presenter that suits the output: `json` when asked for, live on a terminal, else lines. @internal */
export function presenterFor(runId: string, io: CommandIo, options: PresenterOptions): Presenter {
  const { json, inStore } = options;
  const watch = newRunWatch(runId);
  if (json) return jsonPresenter(watch, io);
  return isLive(io) ? livePresenter(watch, io, inStore) : linePresenter(watch, io, inStore);
}

function isLive({ stdout, env }: CommandIo): boolean {
  const given = (name: string): boolean => (env[name] ?? "") !== "";
  return stdout.isTTY && !given("CI") && env["TERM"] !== "dumb";
}

function recallInto(watch: RunWatch): (entries: readonly JournalEntry[]) => void {
  return (entries) => {
    for (const entry of entries) watchEntry(watch, entry);
  };
}

function noticeOn(io: CommandIo): (text: string) => void {
  return (text) => {
    if (text !== "") io.stderr.write(`mai: ${text}\n`);
  };
}

function jsonPresenter(watch: RunWatch, io: CommandIo): Presenter {
  return {
    watch,
    recall: recallInto(watch),
    show: (entries) => {
      for (const entry of entries) watchEntry(watch, entry);
      io.stdout.write(entries.map(jsonLine).join(""));
    },
    notice: noticeOn(io),
    close: () => undefined,
  };
}

function linePresenter(watch: RunWatch, io: CommandIo, inStore: string): Presenter {
  const theme = themeFor(io.stdout, io.env);
  return {
    watch,
    recall: recallInto(watch),
    show: (entries) => {
      const lines: string[] = [];
      for (const entry of entries) {
        watchEntry(watch, entry);
        if (isNews(entry)) lines.push(`${eventLine(entry, theme, watch.idColumns, columnsOf(io.stdout))}\n`);
      }
      io.stdout.write(lines.join(""));
    },
    notice: noticeOn(io),
    close: (summary) => {
      if (summary) writeSummary(watch, io, theme, inStore);
    },
  };
}

function livePresenter(watch: RunWatch, io: CommandIo, inStore: string): Presenter {
  const theme = themeFor(io.stdout, io.env);
  const region = liveRegion(io.stdout);
  let above: string[] = [];
  let notice: string | null = null;
  const draw = (): void => {
    const { columns, rows } = sizeOf(io.stdout);
    const lines = frameLines(watch, { theme, columns, rows, now: io.now(), notice });
    region.draw(lines, above);
    above = [];
  };
  const timer = setInterval(draw, frameMs);
  return {
    watch,
    recall: recallInto(watch),
    show: (entries) => {
      for (const entry of entries) {
        watchEntry(watch, entry);
        const line = scrolledLine(watch, entry, theme, sizeOf(io.stdout).columns - 1);
        if (line !== null) above.push(line);
      }
    },
    notice: (text) => {
      notice = text === "" ? null : text;
      draw();
    },
    close: (summary) => {
      clearInterval(timer);
      draw();
      region.close();
      if (summary) writeSummary(watch, io, theme, inStore);
    },
  };
}

/** What scrolls away above the live part: the start of the run, ends of tasks, attempts that failed. */
function scrolledLine(watch: RunWatch, entry: JournalEntry, theme: Theme, columns: number): string | null {
  const name = oneLine(watch.name ?? "run");
  if (entry.type === "run.created") return headLine(name, entry.runId, theme, columns);
  if (entry.type === "run.resumed") {
    const text = `${name}  resumed: ${resumedText(entry)}`;
    return headLine(text, entry.runId, theme, columns);
  }
  const task = entry.taskId === undefined ? undefined : watch.tasks.get(entry.taskId);
  if (task === undefined) return null;
  if (task.verdict !== null && isEnd(entry)) return endedLine(task, theme, watch.idColumns, columns);
  if (entry.type !== "task.retried" && entry.type !== "attempt.lost") return null;
  const what = entry.type === "attempt.lost" ? "lost" : entry.wait === "quota" ? "waits" : "failed";
  const id = fill(oneLine(task.taskId), Math.min(watch.idColumns, Math.max(8, Math.floor(columns / 3))));
  const text = fit(`${id}  attempt ${entry.attempt} ${what}: ${oneLine(task.reason ?? "")}`, columns - 2);
  return `${theme.warn(theme.marks.again)} ${theme.dim(text)}`;
}

function headLine(text: string, runId: string, theme: Theme, columns: number): string {
  const left = fit(text, columns);
  const right = fit(runId, columns - widthOf(left) - 2);
  return right === "" ? theme.bold(left) : `${theme.bold(left)}  ${theme.dim(right)}`;
}

function isEnd(entry: JournalEntry): boolean {
  switch (entry.type) {
    case "task.succeeded":
    case "task.failed":
    case "task.blocked":
    case "task.cancelled":
      return true;
    default:
      return false;
  }
}

function writeSummary(watch: RunWatch, io: CommandIo, theme: Theme, inStore: string): void {
  const lines = summaryLines(watch, { theme, columns: columnsOf(io.stdout), now: io.now(), inStore });
  io.stdout.write(`\n${lines.join("\n")}\n`);
}
