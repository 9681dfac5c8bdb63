/** `mai cost`: what a run has used, attempt by attempt, from the journal. */
import { addUsage, type JournalEntry, sumKnownCosts, type Usage } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { exitCode, jsonFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { findRun } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";
import { costText, dollars, tokens } from "../text/amounts.ts";
import { type Cell, columnsOf, headings, tableLines } from "../text/table.ts";
import { plural } from "../text/text.ts";
import { themeFor } from "../text/theme.ts";
import { readJournal } from "../watch/follow-journal.ts";

/** What one attempt said it used. @internal */
export interface AttemptUsage {
  readonly taskId: string;
  readonly attempt: number;
  readonly agentId: string;
  readonly usage: Usage;
}

/** @internal */
export const verb: Verb = {
  usage: "cost [RUN]",
  args: [0, 1],
  flags: [jsonFlag, storeFlag],
  details: `Counts every attempt that said what it used, failed ones too. "?" is unknown, which is not 0.`,
  examples: [
    ["mai cost", "what the run that goes on, or the last one, has used"],
    ["mai cost --json", "each attempt, for programs"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store) => {
      const run = await findRun(store, words.args[0]);
      const attempts = await usageOf(store, run);
      if (words.has("json")) {
        const total = sumKnownCosts(attempts.map((attempt) => attempt.usage.costUsd));
        io.stdout.write(`${JSON.stringify({ runId: run.runId, total, attempts })}\n`);
      } else {
        io.stdout.write(`${textOf(run.runId, attempts, io).join("\n")}\n`);
      }
      return exitCode.succeeded;
    });
  },
};

/** The usage of every attempt of a run, in the order they answered. @internal */
export async function usageOf(store: Store, run: RunRecord): Promise<AttemptUsage[]> {
  const agents = new Map<string, string>();
  const attempts: AttemptUsage[] = [];
  await readJournal(store, run, (entries) => {
    for (const entry of entries) note(entry, agents, attempts);
  });
  return attempts;
}

function note(entry: JournalEntry, agents: Map<string, string>, attempts: AttemptUsage[]): void {
  const { taskId } = entry;
  if (taskId === undefined) return;
  if (entry.type === "attempt.started") agents.set(taskId, entry.agentId);
  const answer = entry.type === "attempt.answered" || entry.type === "attempt.failed" ? entry.answer : null;
  if (answer === null || (entry.type !== "attempt.answered" && entry.type !== "attempt.failed")) return;
  attempts.push({
    taskId,
    attempt: entry.attempt,
    agentId: agents.get(taskId) ?? "none",
    usage: answer.usage,
  });
}

function textOf(runId: string, attempts: readonly AttemptUsage[], io: CommandIo): string[] {
  const theme = themeFor(io.stdout, io.env);
  const costs = attempts.map((attempt) => attempt.usage.costUsd);
  const total = costText(sumKnownCosts(costs));
  const summary = `${runId}: ${plural(attempts.length, "attempt")}, ${total === "" ? "$0" : total}`;
  // Commands use no model; a table of zeros would hide the rows that matter.
  const withModel = attempts.filter(({ usage }) => usage.costUsd !== 0 || usage.outputTokens !== 0);
  if (withModel.length === 0) return [summary];
  const head = headings(theme.dim, "BY", "ATTEMPTS", "IN", "CACHE READ", "CACHE WRITE", "OUT", "COST");
  return [
    ...tableLines(
      [head, ...grouped(withModel, "agentId"), ...grouped(withModel, "taskId")],
      columnsOf(io.stdout),
    ),
    "",
    theme.bold(summary),
  ];
}

function grouped(attempts: readonly AttemptUsage[], by: "agentId" | "taskId"): Cell[][] {
  const groups = new Map<string, AttemptUsage[]>();
  for (const attempt of attempts) {
    const group = groups.get(attempt[by]);
    if (group === undefined) groups.set(attempt[by], [attempt]);
    else group.push(attempt);
  }
  const name = by === "agentId" ? "agent" : "task";
  return [...groups].map(([id, group]) => rowOf(`${name} ${id}`, group));
}

function rowOf(name: string, attempts: readonly AttemptUsage[]): Cell[] {
  const sum = attempts.map((attempt) => attempt.usage).reduce(addUsage);
  const right = (text: string): Cell => ({ text, right: true });
  return [
    { text: name },
    right(String(attempts.length)),
    right(tokens(sum.inputTokens)),
    right(tokens(sum.cacheReadTokens)),
    right(tokens(sum.cacheWriteTokens)),
    right(tokens(sum.outputTokens)),
    right(costText(sumKnownCosts(attempts.map((attempt) => attempt.usage.costUsd))) || dollars(0)),
  ];
}
