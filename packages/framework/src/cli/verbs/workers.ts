/** `mai workers`: who lends agents to a shared store. */
import { formatDuration, MaiError } from "mai-orchestration-core";
import type { SeenWorker } from "mai-orchestration-postgres";
import { isShared } from "../../store/shared-store.ts";
import { exitCode, jsonFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { withStore } from "../store/find-store.ts";
import { type Cell, columnsOf, headings, tableLines } from "../text/table.ts";
import { type Theme, themeFor } from "../text/theme.ts";

/** @internal */
export const verb: Verb = {
  usage: "workers",
  args: [0, 0],
  flags: [jsonFlag, storeFlag],
  details:
    "A worker that is silent for longer than a lease has lost its attempts; one that stopped by itself is not listed.",
  examples: [
    ["mai workers --store postgres://db/mai", "every worker, its agents, and when it was last heard of"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store) => {
      if (!isShared(store)) {
        throw new MaiError("cli.usage", "This store is a file: its runs have no workers elsewhere", {
          hint: "Name a shared store with --store postgres://....",
        });
      }
      const workers = await store.workers();
      if (words.has("json")) for (const worker of workers) io.stdout.write(`${JSON.stringify(worker)}\n`);
      else io.stdout.write(`${textOf(workers, store.leaseMs, io).join("\n")}\n`);
      return exitCode.succeeded;
    });
  },
};

function textOf(workers: readonly SeenWorker[], leaseMs: number, io: CommandIo): string[] {
  if (workers.length === 0) return ["no workers yet"];
  const theme = themeFor(io.stdout, io.env);
  const head = headings(theme.dim, "HOST", "STATE", "BUSY", "AGENTS", "TAGS", "HEARD", "WORKER");
  return tableLines(
    [head, ...workers.map((worker) => cellsOf(worker, leaseMs, theme))],
    columnsOf(io.stdout),
  );
}

function cellsOf({ worker, label, silentMs, held }: SeenWorker, leaseMs: number, theme: Theme): Cell[] {
  const isSilent = silentMs > leaseMs;
  const state = isSilent ? "silent" : label.draining ? "draining" : "ready";
  const paint = isSilent ? theme.bad : label.draining ? theme.warn : theme.good;
  const agents = Object.entries(label.agents).map(([id, share]) => `${id}=${share}`);
  return [
    { text: label.host },
    { text: state, paint },
    { text: String(held), right: true },
    { text: agents.join(",") },
    { text: label.tags.join(",") || "-" },
    { text: `${formatDuration(Math.round(silentMs / 1_000) * 1_000)} ago`, right: true },
    { text: worker.workerId, keep: true },
  ];
}
