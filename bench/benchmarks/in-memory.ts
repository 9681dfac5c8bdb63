/** No-op tasks through the engine with the memory store, against a queue that keeps nothing. */
import type { Benchmark, Section } from "../harness/report.ts";
import { targetOf } from "../harness/target.ts";
import type { Contender } from "./throughput.ts";
import { race, ratioOf, ratioTable, throughputTable } from "./throughput.ts";

const rounds = 5;
const tasks = 100_000;

const ours: Contender = {
  name: "ours, engine and memory store",
  runtime: "node",
  script: "ours-engine.ts",
  args: ["memory"],
  durability: "none",
  tasks,
};
const orchestrator: Contender = {
  ...ours,
  name: "ours, Orchestrator in memory",
  script: "ours-memory.ts",
  args: [],
};
const pQueue: Contender = {
  name: "p-queue with priorities",
  runtime: "node",
  script: "p-queue.ts",
  args: [],
  durability: "none",
  tasks,
};

export const inMemory: Benchmark = {
  async run(): Promise<Section> {
    const result = await race([ours, orchestrator, pQueue], rounds);
    return {
      title: "No-op tasks in memory, 10 at a time",
      text: [
        `Wall time from the first task handed over until every result is there, three priorities mixed, ${rounds} interleaved ` +
          "rounds. Ours keeps tasks, results and journal in its memory store: once the engine itself, driven over its ports, " +
          "and once as a user of the library sees it, through `queueBatch` and `executeBatch`, which also copy and look at " +
          "every task and keep a ledger of results. p-queue keeps what waits, and is given " +
          "`concurrency: 10` and a `priority` a task.",
      ],
      tables: [
        throughputTable(result),
        ratioTable(result, [
          [ours, pQueue],
          [orchestrator, pQueue],
        ]),
      ],
      targets: [
        targetOf(
          { what: "in memory against p-queue with priorities", least: 1.5, unit: " times", digits: 2 },
          ratioOf(result, ours, pQueue),
        ),
      ],
      failures: result.failures,
    };
  },
};
