/** The graph of a run over time, as SVG: a bar for each attempt, a line from each task to those that waited for it. */
import { formatDuration, type TaskState } from "mai-orchestration-core";
import type { TaskHistory } from "./history.ts";
import { htmlText } from "./html-text.ts";

const rowHeight = 22;
const barHeight = 12;
const labelWidth = 190;
const chartWidth = 720;
const headHeight = 26;
/** A picture of more is no picture; the table has them all. */
const mostRows = 300;

interface Scale {
  readonly from: number;
  readonly span: number;
}

/** @internal */
export function gantt(
  tasks: readonly TaskState[],
  history: ReadonlyMap<string, TaskHistory>,
  now: number,
): string {
  const began = tasks.filter(({ spec }) => (history.get(spec.taskId)?.attempts.length ?? 0) > 0);
  const shown = [...began]
    .sort((a, b) => startOf(a, history) - startOf(b, history) || a.sequence - b.sequence)
    .slice(0, mostRows);
  if (shown.length === 0) return "<p>Nothing was started.</p>";
  const from = Math.min(...shown.map((task) => startOf(task, history)));
  const to = Math.max(...shown.map((task) => endOf(task, history, now)));
  const scale = { from, span: Math.max(1, to - from) };
  const rows = new Map(shown.map(({ spec }, row) => [spec.taskId, row]));
  const height = headHeight + shown.length * rowHeight + 8;
  const width = labelWidth + chartWidth + 10;
  const parts = [
    ...axis(scale, height),
    ...shown.flatMap((task) => edges(task, rows, shown, history, scale, now)),
    ...shown.map((task, row) => bars(task, row, history, scale, now)),
  ];
  const rest = began.length - shown.length;
  const more = rest > 0 ? `<p class="quiet">and ${rest} more, in the table below</p>` : "";
  const title = `<title>Attempts of ${shown.length} tasks over ${htmlText(formatDuration(scale.span))}</title>`;
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">${title}${parts.join("")}</svg>${more}`;
}

function startOf(task: TaskState, history: ReadonlyMap<string, TaskHistory>): number {
  return history.get(task.spec.taskId)?.attempts[0]?.startedAt ?? 0;
}

function endOf(task: TaskState, history: ReadonlyMap<string, TaskHistory>, now: number): number {
  const last = history.get(task.spec.taskId)?.attempts.at(-1);
  return last === undefined ? 0 : (last.endedAt ?? now);
}

function x(at: number, { from, span }: Scale): number {
  return round(labelWidth + ((at - from) / span) * chartWidth);
}

function y(row: number): number {
  return headHeight + row * rowHeight;
}

function axis(scale: Scale, height: number): string[] {
  return [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = round(labelWidth + part * chartWidth);
    const anchor = part === 0 ? "start" : part === 1 ? "end" : "middle";
    const label = part === 0 ? "0" : formatDuration(Math.round(scale.span * part));
    return `<line class="grid" x1="${at}" y1="${headHeight - 6}" x2="${at}" y2="${height}"/><text class="tick" x="${at}" y="13" text-anchor="${anchor}">${htmlText(label)}</text>`;
  });
}

function edges(
  task: TaskState,
  rows: ReadonlyMap<string, number>,
  shown: readonly TaskState[],
  history: ReadonlyMap<string, TaskHistory>,
  scale: Scale,
  now: number,
): string[] {
  const row = rows.get(task.spec.taskId) ?? 0;
  return (task.spec.dependsOn ?? []).flatMap((id) => {
    const before = rows.get(id);
    const source = before === undefined ? undefined : shown[before];
    if (before === undefined || source === undefined) return [];
    const [x1, x2] = [x(endOf(source, history, now), scale), x(startOf(task, history), scale)];
    const [y1, y2] = [y(before) + barHeight / 2, y(row) + barHeight / 2];
    const bend = round(Math.max(8, (x2 - x1) / 2));
    return [`<path class="edge" d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`];
  });
}

function bars(
  task: TaskState,
  row: number,
  history: ReadonlyMap<string, TaskHistory>,
  scale: Scale,
  now: number,
): string {
  const { taskId } = task.spec;
  const label = taskId.length > 26 ? `${taskId.slice(0, 25)}…` : taskId;
  const name = `<text class="name" x="${labelWidth - 8}" y="${y(row) + barHeight - 1}" text-anchor="end">${htmlText(label)}<title>${htmlText(taskId)}</title></text>`;
  const attempts = history.get(taskId)?.attempts ?? [];
  const drawn = attempts.map(
    ({ attempt, agentId, startedAt, answeredAt, endedAt, outcome, reason }, index) => {
      const isLast = index === attempts.length - 1;
      const stand = isLast ? (task.end?.verdict ?? "running") : outcome === "lost" ? "lost" : "failed";
      const [left, right] = [x(startedAt, scale), x(endedAt ?? now, scale)];
      const took = formatDuration(Math.max(0, (endedAt ?? now) - startedAt));
      const said = `${taskId}, attempt ${attempt} by ${agentId}: ${outcome} after ${took}${reason === null ? "" : `, ${reason}`}`;
      const bar = rect(`bar ${stand}`, left, right, row, said);
      return answeredAt === null ? bar : `${bar}${rect("checking", x(answeredAt, scale), right, row, said)}`;
    },
  );
  return name + drawn.join("");
}

function rect(kind: string, left: number, right: number, row: number, said: string): string {
  const width = round(Math.max(2, right - left));
  return `<rect class="${kind}" x="${left}" y="${y(row)}" width="${width}" height="${barHeight}" rx="2"><title>${htmlText(said)}</title></rect>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
