/** `mai report`: what happened in a run, as Markdown or as a page. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type DeliveryState,
  formatDuration,
  type JournalEntry,
  messageOf,
  noDelivery,
  resultOf,
  sumKnownCosts,
  type TaskState,
  type Usage,
} from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { exitCode, jsonFlag, storeFlag, usageError, type Verb } from "../command.ts";
import { deliveryLines, deliveryState } from "../report/delivery.ts";
import type { HtmlInput } from "../report/html.ts";
import { requireVerifiedFlag } from "../run/run-options.ts";
import { judgedTasks } from "../store/final-results.ts";
import { findRun } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";
import { costText, dateAndTime, dollars } from "../text/amounts.ts";
import { reasonBeside, withReason } from "../text/reason.ts";
import { oneLine } from "../text/text.ts";
import { answerText } from "../watch/event-line.ts";
import { stateOf } from "./ps.ts";

/** @internal */
export const verb: Verb = {
  usage: "report [RUN]",
  args: [0, 1],
  flags: [
    {
      name: "html",
      value: "FILE",
      summary: "write one page that needs nothing else, with a picture of the run",
    },
    requireVerifiedFlag,
    jsonFlag,
    storeFlag,
  ],
  details: `Names every task with what became of it. Without a name: the newest run that has not ended, else the newest.
Exits with 0, with --require-verified with 1 unless every task is verified.`,
  examples: [
    ["mai report > report.md", "the last run, to keep or to send"],
    ["mai report --html report.html", "for a browser, and for those who were not there"],
    ["mai report --json", "every result in full, for programs"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store) => {
      const run = await findRun(store, words.args[0]);
      const tasks = await judgedTasks(store, run, await store.tasks({ runId: run.runId }));
      const delivery = await deliveryState(store, run, tasks);
      const page = words.value("html");
      if (page !== undefined) {
        await writePage(resolve(io.cwd, page), { run, tasks, delivery, now: io.now() }, store);
        if (!words.has("json")) io.stdout.write(`${resolve(io.cwd, page)}\n`);
      }
      if (page === undefined || words.has("json"))
        io.stdout.write(
          words.has("json")
            ? `${JSON.stringify(jsonOf(run, tasks, delivery))}\n`
            : reportText(run, tasks, delivery),
        );
      const isProven = tasks.length > 0 && tasks.every(({ end }) => end?.verdict === "verified");
      return words.has("require-verified") && !isProven ? exitCode.failed : exitCode.succeeded;
    });
  },
};

async function writePage(file: string, input: Omit<HtmlInput, "journal">, store: Store): Promise<void> {
  const { reportHtml } = await import("../report/html.ts");
  const { readJournal } = await import("../watch/follow-journal.ts");
  const journal: JournalEntry[] = [];
  await readJournal(store, input.run, (entries) => void journal.push(...entries));
  try {
    await writeFile(file, reportHtml({ ...input, journal }));
  } catch (error) {
    throw usageError(`${file} cannot be written: ${messageOf(error)}`, "report");
  }
}

function jsonOf(run: RunRecord, tasks: readonly TaskState[], delivery: DeliveryState): object {
  const results = tasks.map((task) =>
    task.end === null ? { taskId: task.spec.taskId, phase: task.phase } : resultOf(task),
  );
  const { targets, tasks: words } = delivery;
  const delivered = { targets: [...targets.values()], tasks: Object.fromEntries(words) };
  return {
    run: { ...run, state: stateOf(run) },
    results,
    ...(targets.size + words.size > 0 ? { delivered } : {}),
  };
}

/** The report as Markdown. @internal */
export function reportText(
  run: RunRecord,
  tasks: readonly TaskState[],
  delivery: DeliveryState = noDelivery,
): string {
  const trouble = tasks.filter((task) => task.end !== null && needsWords(task));
  const decisions = decisionsOf(tasks);
  const sections = [
    `# ${inline(run.name ?? run.runId)}`,
    factsOf(run, tasks),
    tableOf(tasks, decisions.size > 0),
  ];
  const delivered = deliveryLines(delivery);
  if (delivered.length > 0)
    sections.push("## Delivery", delivered.map((line) => `- ${inline(line)}`).join("\n"));
  if (trouble.length > 0)
    sections.push("## What did not succeed, and what to know", ...trouble.map(troubleOf));
  return `${sections.join("\n\n")}\n`;
}

function factsOf(run: RunRecord, tasks: readonly TaskState[]): string {
  const counts = new Map<string, number>();
  for (const task of tasks) counts.set(standOf(task), (counts.get(standOf(task)) ?? 0) + 1);
  const spread = [...counts].map(([stand, many]) => `${many} ${stand}`).join(", ");
  const cost = costText(
    sumKnownCosts(tasks.filter((task) => task.usage !== null).map((task) => task.usage?.costUsd ?? null)),
  );
  const end = run.finishedAt ?? run.interruptedAt;
  return [
    `- Run: \`${run.runId}\` (${stateOf(run)})`,
    `- Started: ${dateAndTime(run.createdAt)}`,
    ...(end === null ? [] : [`- Took: ${formatDuration(end - run.createdAt)}`]),
    `- Tasks: ${tasks.length} (${spread})`,
    ...(cost === "" ? [] : [`- Cost: ${cost}`]),
  ].join("\n");
}

function decisionsOf(tasks: readonly TaskState[]): ReadonlySet<string> {
  return new Set(tasks.flatMap(({ spec }) => (spec.decision === undefined ? [] : [spec.decision])));
}

/** @param withDecision - whether a column names the decision that each task carries out */
function tableOf(tasks: readonly TaskState[], withDecision: boolean): string {
  const extra = withDecision ? [" Decision |", "---|"] : ["", ""];
  const head = `| Task | Verdict | Attempts | Checks | Cost | Took | Reason |${extra[0]}\n|---|---|--:|--:|--:|--:|---|${extra[1]}`;
  const rows = tasks.map((task) =>
    withDecision ? `${rowOf(task)} ${inline(task.spec.decision ?? "-")} |` : rowOf(task),
  );
  return [head, ...rows].join("\n");
}

function rowOf(task: TaskState): string {
  const { spec, attempt, receipts, end, startedAt, usage } = task;
  const passed = receipts.filter((receipt) => receipt.passed).length;
  const wanted = spec.verify?.length ?? 0;
  const took = startedAt === null || end === null ? "-" : formatDuration(Math.max(0, end.at - startedAt));
  const cells = [
    inline(spec.taskId),
    standOf(task),
    String(attempt),
    wanted === 0 ? "-" : `${passed}/${wanted}`,
    costCell(usage),
    took,
    inline(reasonBeside(end?.verdict ?? null, end?.reason ?? "")),
  ];
  return `| ${cells.join(" | ")} |`;
}

function costCell(usage: Usage | null): string {
  return usage === null || usage.costUsd === 0 ? "-" : dollars(usage.costUsd);
}

/** Its verdict, or where it stands when it has none. */
function standOf(task: TaskState): string {
  return task.end?.verdict ?? task.phase;
}

function needsWords(task: TaskState): boolean {
  return task.end?.verdict === "failed" || (task.answer?.issues.length ?? 0) > 0 || task.approvals.length > 0;
}

function troubleOf(task: TaskState): string {
  const { spec, end, answer, receipts } = task;
  const failed = receipts.find((receipt) => !receipt.passed);
  const text = (failed?.outputTail ?? (end?.verdict === "failed" ? answer?.output : "") ?? "").trim();
  const lines = [
    `### ${inline(spec.taskId)}`,
    "",
    inline(end?.reason == null ? standOf(task) : withReason(end.verdict, end.reason)),
  ];
  for (const said of task.approvals) lines.push(`- ${inline(answerText(said.approved, said))}`);
  for (const issue of answer?.issues ?? []) lines.push(`- ${inline(issue)}`);
  if (text !== "") lines.push("", fenced(text.slice(-2_000)));
  return lines.join("\n");
}

/** Text of agents and plans must not become markup of the report. */
function inline(text: string): string {
  return oneLine(text).replace(/[\\|`*_<>[\]]/g, "\\$&");
}

function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
