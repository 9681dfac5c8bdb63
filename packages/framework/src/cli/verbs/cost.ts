/** `mai cost`: what a run has used, by agent, by model and by task, from the journal. */
import { addUsage, sumKnownCosts, type Usage } from "mai-orchestration-core";
import type { RunRecord } from "mai-orchestration-engine";
import { exitCode, jsonFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { type AttemptUsage, usageOfAttempts } from "../store/attempt-usage.ts";
import { findRun } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";
import { costText, dollars, tokens } from "../text/amounts.ts";
import { type Cell, columnsOf, headings, tableLines } from "../text/table.ts";
import { plural } from "../text/text.ts";
import { themeFor } from "../text/theme.ts";

/** @internal */
export const verb: Verb = {
  usage: "cost [RUN]",
  args: [0, 1],
  flags: [jsonFlag, storeFlag],
  details: `Counts every attempt that has ended or answered: failed, interrupted and rejected ones too. "?" is unknown, which is
not 0: a program that was killed could not say what it used.`,
  examples: [
    ["mai cost", "what the run that goes on, or the last one, has used"],
    ["mai cost --json", "each attempt, and sums by agent, model and task, for programs"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store) => {
      const run = await findRun(store, words.args[0]);
      const attempts = await usageOfAttempts(store, run);
      if (words.has("json")) io.stdout.write(`${JSON.stringify(jsonOf(run, attempts))}\n`);
      else io.stdout.write(`${textOf(run, attempts, io).join("\n")}\n`);
      return exitCode.succeeded;
    });
  },
};

/** Something that used something: an attempt, or the part of one that one model had. */
interface Part {
  readonly name: string;
  readonly usage: Usage;
}

function jsonOf(run: RunRecord, attempts: readonly AttemptUsage[]): object {
  return {
    runId: run.runId,
    maxCostUsd: run.maxCostUsd ?? null,
    total: sumKnownCosts(attempts.map((attempt) => attempt.usage.costUsd)),
    unknownAgents: unknownAgents(attempts),
    agents: sums(byAgent(attempts)),
    models: sums(byModel(attempts)),
    tasks: sums(byTask(attempts)),
    attempts,
  };
}

function sums(parts: readonly Part[]): object[] {
  return [...groupsOf(parts)].map(([name, group]) => ({
    name,
    parts: group.length,
    usage: group.reduce(addUsage),
    cost: sumKnownCosts(group.map(({ costUsd }) => costUsd)),
  }));
}

const byAgent = (attempts: readonly AttemptUsage[]): Part[] =>
  attempts.map(({ agentId, usage }) => ({ name: agentId, usage }));

const byTask = (attempts: readonly AttemptUsage[]): Part[] =>
  attempts.map(({ taskId, usage }) => ({ name: taskId, usage }));

/** An attempt may ask several models; of one that names none, all is unknown. */
function byModel(attempts: readonly AttemptUsage[]): Part[] {
  return attempts.flatMap(({ usage, models }) =>
    models === null
      ? usesModel(usage)
        ? [{ name: "unknown", usage }]
        : []
      : Object.entries(models).map(([name, used]) => ({ name, usage: used })),
  );
}

/** Commands and most functions use none. */
function usesModel({ costUsd, outputTokens }: Usage): boolean {
  return costUsd !== 0 || outputTokens !== 0;
}

function unknownAgents(attempts: readonly AttemptUsage[]): string[] {
  return [...new Set(attempts.filter(({ usage }) => usage.costUsd === null).map(({ agentId }) => agentId))];
}

function textOf(run: RunRecord, attempts: readonly AttemptUsage[], io: CommandIo): string[] {
  const theme = themeFor(io.stdout, io.env);
  const total = costText(sumKnownCosts(attempts.map((attempt) => attempt.usage.costUsd)));
  const ceiling = run.maxCostUsd == null ? "" : ` of ${dollars(run.maxCostUsd)}`;
  const summary = `${run.runId}: ${plural(attempts.length, "attempt")}, ${total === "" ? "$0" : total}${ceiling}`;
  // Commands use no model; a table of zeros would hide the rows that matter.
  const withModel = attempts.filter(({ usage }) => usesModel(usage));
  if (withModel.length === 0) return [summary];
  const head = headings(theme.dim, "BY", "ATTEMPTS", "IN", "CACHE READ", "CACHE WRITE", "OUT", "COST");
  const rows = [
    ...rowsOf("agent", byAgent(withModel)),
    ...rowsOf("model", byModel(withModel)),
    ...rowsOf("task", byTask(withModel)),
  ];
  const unknown = unknownAgents(withModel);
  const note = unknown.length === 0 ? [] : [`Not all costs are known of: ${unknown.join(", ")}`];
  return [...tableLines([head, ...rows], columnsOf(io.stdout)), "", theme.bold(summary), ...note];
}

function groupsOf(parts: readonly Part[]): Map<string, Usage[]> {
  const groups = new Map<string, Usage[]>();
  for (const { name, usage } of parts) {
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [usage]);
    else group.push(usage);
  }
  return groups;
}

function rowsOf(kind: string, parts: readonly Part[]): Cell[][] {
  return [...groupsOf(parts)].map(([name, group]) => rowOf(`${kind} ${name}`, group));
}

function rowOf(name: string, group: readonly Usage[]): Cell[] {
  const sum = group.reduce(addUsage);
  const right = (text: string): Cell => ({ text, right: true });
  return [
    { text: name },
    right(String(group.length)),
    right(tokens(sum.inputTokens)),
    right(tokens(sum.cacheReadTokens)),
    right(tokens(sum.cacheWriteTokens)),
    right(tokens(sum.outputTokens)),
    right(costText(sumKnownCosts(group.map(({ costUsd }) => costUsd))) || dollars(0)),
  ];
}
