/** No-op tasks through a whole engine with a store on disk, ten at a time. */
import type { Benchmark, Section } from "../harness/report.ts";
import { targetOf } from "../harness/target.ts";
import type { Contender } from "./throughput.ts";
import { race, rateOf, ratioOf, ratioTable, throughputTable } from "./throughput.ts";

const rounds = 5;
const walFull = "SQLite WAL, synchronous=FULL";
const walNormal = "SQLite WAL, synchronous=NORMAL";

const oursFull: Contender = {
  name: "ours, engine, FULL (default)",
  runtime: "node",
  script: "ours-engine.ts",
  args: ["full"],
  durability: `${walFull}, group commit`,
  tasks: 20_000,
};
const oursNormal: Contender = {
  ...oursFull,
  name: "ours, engine, NORMAL",
  args: ["normal"],
  durability: `${walNormal}, group commit`,
};
const orchestratorFull: Contender = {
  ...oursFull,
  name: "ours, Orchestrator, FULL",
  script: "ours-durable.ts",
};
const orchestratorNormal: Contender = {
  ...oursNormal,
  name: "ours, Orchestrator, NORMAL",
  script: "ours-durable.ts",
};
const oursOnBun: Contender = { ...oursNormal, name: "ours, engine, NORMAL, on Bun", runtime: "bun" };
const plainjob: Contender = {
  name: "plainjob",
  runtime: "node",
  script: "plainjob.ts",
  args: [],
  durability: `${walNormal} (fixed)`,
  tasks: 20_000,
};
const bunqueueDurable: Contender = {
  name: "bunqueue, durable",
  runtime: "bun",
  script: "bunqueue.ts",
  args: ["durable"],
  durability: `${walNormal} (fixed), durable: true`,
  tasks: 3_000,
};
const bunqueueBuffered: Contender = {
  ...bunqueueDurable,
  name: "bunqueue, buffered (its default)",
  args: ["buffered"],
  durability: `${walNormal} (fixed), add returns before the row is written`,
};
const openworkflow: Contender = {
  name: "openworkflow",
  runtime: "node",
  script: "openworkflow.ts",
  args: [],
  durability: `${walFull} (its driver's default)`,
  tasks: 500,
};

export const durableTasks: Benchmark = {
  async run(): Promise<Section> {
    const contenders = [
      oursFull,
      oursNormal,
      orchestratorFull,
      orchestratorNormal,
      oursOnBun,
      plainjob,
      bunqueueDurable,
      bunqueueBuffered,
      openworkflow,
    ];
    const result = await race(contenders, rounds);
    return {
      title: "Durable no-op tasks, 10 at a time",
      text: [
        "Wall time from the first task handed over until the last is recorded as done, in a fresh database file, " +
          `${rounds} interleaved rounds. Ours: one function agent of cap 10, mixed priorities, every event journalled; the engine itself over its ` +
          "ports, and the same through `queueBatch` and `executeBatch` with `parallel: 10` of the library.",
        "plainjob: `addMany`, ten workers in the process, since each does one job at a time. It has neither priorities nor " +
          "a journal. " +
          "bunqueue: `addBulk` in thousands, mixed priorities, worker defaults as in its own published comparison and " +
          "`concurrency: 10`; its documented `batchSize` and `pollTimeout` made no difference. openworkflow: all runs " +
          "started side by side, as it has no bulk call, worker `concurrency: 10`; its worker sleeps 50 ms or more whenever " +
          "all ten slots are taken, which no option changes. Slow contenders get fewer tasks, which favours them.",
      ],
      tables: [
        throughputTable(result),
        ratioTable(result, [
          [oursNormal, plainjob],
          [orchestratorNormal, plainjob],
          [oursNormal, bunqueueDurable],
          [oursNormal, bunqueueBuffered],
          [oursOnBun, bunqueueDurable],
          [oursFull, openworkflow],
          [oursFull, plainjob],
          [oursFull, bunqueueDurable],
        ]),
      ],
      targets: [
        targetOf({ what: "durable tasks at FULL", least: 5_000, unit: " tasks/s" }, rateOf(result, oursFull)),
        targetOf(
          { what: "durable tasks at NORMAL", least: 15_000, unit: " tasks/s" },
          rateOf(result, oursNormal),
        ),
        targetOf(
          { what: "against plainjob at its durability", least: 2, unit: " times", digits: 2 },
          ratioOf(result, oursNormal, plainjob),
        ),
        targetOf(
          { what: "against bunqueue at its durability", least: 5, unit: " times", digits: 2 },
          ratioOf(result, oursNormal, bunqueueDurable),
        ),
      ],
      failures: result.failures,
    };
  },
};
