/** `mai ps`: the runs of a store. */
import { formatDuration } from "mai-orchestration-core";
import type { RunCounts, RunRecord, Store } from "mai-orchestration-engine";
import type { SeenWorker } from "mai-orchestration-postgres";
import { isShared } from "../../store/shared-store.ts";
import { exitCode, jsonFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { withStore } from "../store/find-store.ts";
import { ago } from "../text/amounts.ts";
import { type Cell, columnsOf, headings, tableLines } from "../text/table.ts";
import { plural } from "../text/text.ts";
import { paintOf, type Theme, themeFor } from "../text/theme.ts";

interface Row {
  readonly run: RunRecord;
  readonly counts: RunCounts;
}

/** @internal */
export const verb: Verb = {
  usage: "ps [--json]",
  args: [0, 0],
  flags: [jsonFlag, storeFlag],
  examples: [
    ["mai ps", "every run, the newest first"],
    ["mai ps --json", "one run a line, for programs"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store) => {
      const rows = await rowsOf(store);
      if (words.has("json")) for (const row of rows) io.stdout.write(`${JSON.stringify(jsonOf(row))}\n`);
      else {
        const workers = isShared(store) ? [workersLine(await store.workers(), store.leaseMs)] : [];
        io.stdout.write(`${[...textOf(rows, io), ...workers].join("\n")}\n`);
      }
      return exitCode.succeeded;
    });
  },
};

function workersLine(workers: readonly SeenWorker[], leaseMs: number): string {
  const living = workers.filter(({ silentMs }) => silentMs <= leaseMs);
  const hosts = new Set(living.map(({ label }) => label.host));
  const busy = living.reduce((sum, { held }) => sum + held, 0);
  if (living.length === 0) return "\nno worker is there: `mai worker` starts one";
  return `\n${plural(living.length, "worker")} on ${plural(hosts.size, "host")}, ${plural(busy, "attempt")} running`;
}

async function rowsOf(store: Store): Promise<Row[]> {
  const runs = await store.runs();
  return Promise.all(runs.map(async (run) => ({ run, counts: await store.counts(run.runId) })));
}

function textOf(rows: readonly Row[], io: CommandIo): string[] {
  if (rows.length === 0) return ["no runs yet"];
  const theme = themeFor(io.stdout, io.env);
  const head = headings(theme.dim, "RUN", "NAME", "STATE", "DONE", "FAILED", "STARTED", "TOOK");
  return tableLines([head, ...rows.map((row) => cellsOf(row, theme, io.now()))], columnsOf(io.stdout));
}

function cellsOf({ run, counts }: Row, theme: Theme, now: number): Cell[] {
  const paint = run.verdict === null ? theme.accent : paintOf(theme, run.verdict);
  const bad = (counts.verdicts.failed ?? 0) + (counts.verdicts.blocked ?? 0);
  const asking = run.finishedAt === null ? (counts.phases["approval-wait"] ?? 0) : 0;
  const until = run.finishedAt ?? run.interruptedAt ?? now;
  return [
    { text: run.runId, keep: true },
    { text: run.name ?? "-" },
    { text: asking === 0 ? stateOf(run) : `${stateOf(run)}, ${asking} to approve`, paint },
    { text: `${counts.phases.ended ?? 0}/${counts.total}`, right: true },
    { text: String(bad), right: true, ...(bad > 0 ? { paint: theme.bad } : {}) },
    { text: ago(now - run.createdAt), right: true },
    { text: formatDuration(until - run.createdAt), right: true },
  ];
}

/** A run's verdict, or that it has none yet. @internal */
export function stateOf(run: RunRecord): string {
  return run.verdict ?? (run.interruptedAt === null ? "open" : "interrupted");
}

function jsonOf({ run, counts }: Row): object {
  return { ...run, state: stateOf(run), counts };
}
