/** A run as one page that needs nothing else: no script, no font, no picture from anywhere. */
import {
  type DeliveryState,
  formatDuration,
  type JournalEntry,
  type Receipt,
  sumKnownCosts,
  type TaskState,
} from "mai-orchestration-core";
import type { RunRecord } from "mai-orchestration-engine";
import { costText, dateAndTime, dollars } from "../text/amounts.ts";
import { reasonBeside } from "../text/reason.ts";
import { plural } from "../text/text.ts";
import { stateOf } from "../verbs/ps.ts";
import { deliveryLines } from "./delivery.ts";
import { gantt } from "./gantt.ts";
import { type AttemptHistory, historyOf, type TaskHistory } from "./history.ts";
import { htmlText } from "./html-text.ts";
import { style } from "./style.ts";

/** @internal */
export interface HtmlInput {
  readonly run: RunRecord;
  /** As the end of the run judged them. */
  readonly tasks: readonly TaskState[];
  readonly journal: readonly JournalEntry[];
  readonly delivery: DeliveryState;
  readonly now: number;
}

/** @internal */
export function reportHtml({ run, tasks, journal, delivery, now }: HtmlInput): string {
  const history = historyOf(journal);
  const name = run.name ?? run.runId;
  const end = run.finishedAt ?? run.interruptedAt ?? now;
  const lines = deliveryLines(delivery);
  const body = [
    `<header><h1>${htmlText(name)} ${tag(run.verdict ?? stateOf(run))}</h1>`,
    `<p class="quiet"><code>${htmlText(run.runId)}</code>, started ${htmlText(dateAndTime(run.createdAt))} in <code>${htmlText(run.root)}</code></p>`,
    facts(run, tasks, history, end),
    "</header>",
    `<h2>What happened when</h2><div class="wide chart">${gantt(tasks, history, end)}</div>`,
    '<p class="quiet">Each bar is an attempt, coloured by how it ended; its shaded end is the time of its checks. Lines lead from a task to those that waited for it.</p>',
    `<h2>Tasks</h2><div class="wide">${table(tasks, history)}</div>`,
    ...(lines.length === 0 ? [] : [`<h2>Delivery</h2>${list(lines)}`]),
    `<h2>Each task</h2>${tasks.map((task) => section(task, history.get(task.spec.taskId))).join("\n")}`,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${htmlText(name)}: ${htmlText(run.verdict ?? stateOf(run))}</title><style>${style}</style></head><body>
${body.join("\n")}
</body></html>
`;
}

function facts(
  run: RunRecord,
  tasks: readonly TaskState[],
  history: ReadonlyMap<string, TaskHistory>,
  end: number,
): string {
  const counts = new Map<string, number>();
  for (const task of tasks) counts.set(standOf(task), (counts.get(standOf(task)) ?? 0) + 1);
  const attempts = [...history.values()].reduce((sum, one) => sum + one.attempts.length, 0);
  const cost = costText(
    sumKnownCosts(tasks.filter((task) => task.usage !== null).map((task) => task.usage?.costUsd ?? null)),
  );
  const items: (readonly [string, string, string])[] = [
    ...[...counts].map(([stand, many]) => [String(many), stand, stand] as const),
    [String(attempts), attempts === 1 ? "attempt" : "attempts", ""],
    [formatDuration(Math.max(0, end - run.createdAt)), "from start to end", ""],
    ...(cost === "" ? [] : [[cost, "spent", ""] as const]),
  ];
  const drawn = items.map(
    ([value, what, kind]) =>
      `<li><b class="${kind === "" ? "" : classOf(kind)}">${htmlText(value)}</b><span>${htmlText(what)}</span></li>`,
  );
  return `<ul class="facts">${drawn.join("")}</ul>`;
}

function table(tasks: readonly TaskState[], history: ReadonlyMap<string, TaskHistory>): string {
  const rows = tasks.map((task) => {
    const { spec, end, work, usage } = task;
    const attempts = history.get(spec.taskId)?.attempts ?? [];
    const took = attempts.reduce(
      (sum, one) => sum + Math.max(0, (one.endedAt ?? one.startedAt) - one.startedAt),
      0,
    );
    const cells = [
      `<td class="id"><a href="#${anchorOf(task)}">${htmlText(spec.taskId)}</a></td>`,
      `<td>${tag(standOf(task))}</td>`,
      `<td class="n">${task.attempt}</td>`,
      `<td class="n">${checksText(task)}</td>`,
      `<td class="n">${work === null ? "-" : `${plural(work.files, "file")} +${work.insertions} -${work.deletions}`}</td>`,
      `<td class="n">${usage === null || usage.costUsd === 0 ? "-" : htmlText(dollars(usage.costUsd))}</td>`,
      `<td class="n">${attempts.length === 0 ? "-" : htmlText(formatDuration(took))}</td>`,
      `<td class="why">${htmlText(reasonBeside(end?.verdict ?? null, end?.reason ?? ""))}</td>`,
    ];
    return `<tr>${cells.join("")}</tr>`;
  });
  const head =
    '<tr><th>Task</th><th>Verdict</th><th class="n">Attempts</th><th class="n">Checks</th><th class="n">Change</th><th class="n">Cost</th><th class="n">Took</th><th>Why</th></tr>';
  return `<table><thead>${head}</thead><tbody>${rows.join("\n")}</tbody></table>`;
}

function checksText({ receipts, spec }: TaskState): string {
  const wanted = spec.verify?.length ?? 0;
  return wanted === 0 ? "-" : `${receipts.filter(({ passed }) => passed).length}/${wanted}`;
}

function section(task: TaskState, history: TaskHistory | undefined): string {
  const { spec, end, work, answer, receipts } = task;
  const facts = [
    `Wanted: ${spec.successCriteria}`,
    ...(spec.dependsOn?.length ? [`Waited for: ${spec.dependsOn.join(", ")}`] : []),
    ...(work?.branch == null ? [] : [`Kept on ${work.branch}, commit ${work.commit.slice(0, 12)}`]),
    ...(work?.doubts ?? []).map((doubt) => `Doubt: ${doubt}`),
    ...(end?.reason == null ? [] : [`Why: ${end.reason}`]),
    ...(answer?.issues ?? []).map((issue) => `To know: ${issue}`),
  ];
  const attempts = (history?.attempts ?? []).map(attemptText);
  const said = answer?.output.trim() ?? "";
  return `<details id="${anchorOf(task)}"><summary><h3>${htmlText(spec.taskId)}</h3>${tag(standOf(task))}<span class="quiet">${htmlText(spec.description.slice(0, 160))}</span></summary><div>
<p>${htmlText(spec.description)}</p>${list(facts)}${attempts.length === 0 ? "" : `<p><b>Attempts</b></p>${list(attempts)}`}${receipts.map(receiptText).join("")}${said === "" ? "" : `<p><b>What the agent said</b></p><pre>${htmlText(said.slice(-4_000))}</pre>`}
</div></details>`;
}

function attemptText({
  attempt,
  agentId,
  startedAt,
  endedAt,
  outcome,
  reason,
  costUsd,
  work,
}: AttemptHistory): string {
  const took = endedAt === null ? "" : ` after ${formatDuration(Math.max(0, endedAt - startedAt))}`;
  const cost = costUsd === null || costUsd === 0 ? "" : `, ${dollars(costUsd)}`;
  const salvage = work?.salvage == null ? "" : `; its work is salvaged in ${work.salvage}`;
  return `${attempt} by ${agentId}: ${outcome}${took}${cost}${reason === null ? "" : `, ${reason}`}${salvage}`;
}

function receiptText(receipt: Receipt): string {
  const { command, passed, exitCode, durationMs, tree, outputTail } = receipt;
  const how = `${passed ? "passed" : "failed"}, exit code ${exitCode ?? "none"}, ${formatDuration(durationMs)}, tree ${tree?.slice(0, 12) ?? "none"}`;
  const text = outputTail.trim();
  return `<p><b class="${passed ? "verified" : "failed"}">${passed ? "Passed" : "Failed"}</b> <code>${htmlText(command)}</code> <span class="quiet">${htmlText(how)}</span></p>${text === "" ? "" : `<pre>${htmlText(text)}</pre>`}`;
}

function list(lines: readonly string[]): string {
  return `<ul>${lines.map((line) => `<li>${htmlText(line)}</li>`).join("")}</ul>`;
}

/** Its verdict, or where it stands when it has none. */
function standOf(task: TaskState): string {
  return task.end?.verdict ?? task.phase;
}

function tag(stand: string): string {
  return `<span class="tag ${classOf(stand)}">${htmlText(stand)}</span>`;
}

const known: ReadonlySet<string> = new Set([
  "verified",
  "unverified",
  "failed",
  "blocked",
  "cancelled",
  "running",
]);

function classOf(stand: string): string {
  return known.has(stand) ? stand : "idle";
}

/** Sequences are numbers, so that no id can break out of an attribute. */
function anchorOf(task: TaskState): string {
  return `task-${task.sequence}`;
}
