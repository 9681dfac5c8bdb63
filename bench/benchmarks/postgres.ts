/** The store in Postgres against a bare pg-boss on the same server, and what several machines cost it. */
import type { LatencyMeasurement } from "../contenders/postgres-latency.ts";
import { measureInChild } from "../harness/child.ts";
import { figureOf } from "../harness/figure.ts";
import type { Benchmark, Section } from "../harness/report.ts";
import { inRounds } from "../harness/rounds.ts";
import type { Table } from "../harness/table.ts";
import { formatFigure, formatNumber } from "../harness/table.ts";
import { targetOf } from "../harness/target.ts";
import type { Contender } from "./throughput.ts";
import { race, ratioOf, ratioTable, throughputTable } from "./throughput.ts";

const rounds = 3;
const durability = "Postgres, fsync and synchronous_commit on";
const million = 1_000_000;
const latencyTasks = 200;
const idleSeconds = 20;

/** Equal on both sides: in flight at each of two workers, and how many tasks that is measured with. */
const flights = [
  { inFlight: 1, tasks: 2_000 },
  { inFlight: 10, tasks: 8_000 },
  { inFlight: 100, tasks: 20_000 },
] as const;

const pairs = flights.map(({ inFlight, tasks }) => {
  const of = (kind: string, name: string): Contender => ({
    name: `${name}, ${inFlight} in flight`,
    runtime: "node",
    script: "postgres.ts",
    args: [kind, String(inFlight)],
    durability,
    tasks,
    timeoutMs: 300_000,
  });
  return { inFlight, ours: of("ours", "ours"), bare: of("pg-boss", "pg-boss") };
});
const fresh = pairs[1]?.ours as Contender;
const grown: Contender = {
  ...fresh,
  name: `ours, 10 in flight, beside ${formatNumber(million)} finished`,
  args: ["ours", "10", String(million)],
};

export const postgres: Benchmark = {
  async run(): Promise<Section> {
    const result = await race([...pairs.flatMap(({ ours, bare }) => [ours, bare]), grown], rounds);
    const alone = {
      runtime: "node" as const,
      script: "postgres-latency.ts",
      args: [String(latencyTasks), String(idleSeconds)],
    };
    const waits = (await inRounds([alone], 1, () => measureInChild<LatencyMeasurement>(alone))).get(alone);
    return {
      title: "A store in Postgres",
      text: [
        "No-op tasks of mixed priorities that lie in the store already, done by two worker processes, each on a fresh server " +
          `on the same machine; ${rounds} interleaved rounds. Both sides claim and complete in batches of as many as are in flight. ` +
          "Ours settles a batch in the transaction that claims the next, as the engine does, and keeps order, caps, a journal of " +
          "every event and the answer; pg-boss 12.35 fetches and completes jobs from one queue and keeps none of it.",
        `Latency: one task at a time into a run that a worker in another process has open, from \`submit\` until its end is read ` +
          "here. Idle: transactions a second of one `mai worker` without anything to do, the supervision of pg-boss included.",
      ],
      tables: [
        throughputTable(result),
        ratioTable(result, [...pairs.map(({ ours, bare }) => [ours, bare] as const), [grown, fresh]]),
        ...(waits?.ok === true ? waits.runs.map(waitTable) : []),
      ],
      targets: [
        ...pairs.slice(1).map(({ inFlight, ours, bare }) =>
          targetOf(
            {
              what: `against bare pg-boss at ${inFlight} in flight`,
              least: inFlight === 10 ? 0.4 : 0.8,
              unit: " times",
              digits: 2,
            },
            ratioOf(result, ours, bare),
          ),
        ),
      ],
      failures: [...result.failures, ...(waits?.ok === false ? [`latency: ${waits.reason}`] : [])],
    };
  },
};

function waitTable({ latencies, idle }: LatencyMeasurement): Table {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (part: number): string =>
    formatNumber(sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN, 1);
  return {
    columns: [{ title: "" }, { title: "measured", number: true }, { title: "n", number: true }],
    rows: [
      ["submit until its end is seen, ms", formatFigure(figureOf(latencies), 1), String(latencies.length)],
      ["the same, 95 of 100 within, ms", at(0.95), String(latencies.length)],
      ["transactions a second of an idle worker", formatNumber(idle, 1), `${idleSeconds} s`],
    ],
  };
}
