/** How long three real graphs take, in virtual time: what an order of tasks costs, and nothing else. */
import { oursMakespanMs } from "../contenders/ours-schedule.ts";
import { pQueueMakespanMs } from "../contenders/p-queue-schedule.ts";
import type { Figure } from "../harness/figure.ts";
import { meanOf } from "../harness/figure.ts";
import type { Benchmark, Section, Target } from "../harness/report.ts";
import type { Table } from "../harness/table.ts";
import { formatNumber } from "../harness/table.ts";
import { targetOf } from "../harness/target.ts";
import type { Dag } from "../schedules/dag.ts";
import { loadDags, lowerBoundMs } from "../schedules/dag.ts";
import { idealMakespanMs } from "../schedules/list-schedule.ts";

interface Row {
  readonly name: string;
  readonly slots: number;
  readonly lowerBoundMs: number;
  readonly idealMs: number;
  readonly pQueueMs: number;
  readonly knownMs: number;
  readonly unknownMs: number;
}

export const makespan: Benchmark = {
  async run(): Promise<Section> {
    const rows: Row[] = [];
    for (const dag of loadDags()) for (const slots of [4, 16]) rows.push(await scheduleAll(dag, slots));
    return {
      title: "Makespan of three real graphs",
      text: [
        "Virtual time, so each cell is exact and n is 1. Ideal: a list schedule that knows all measured durations and starts " +
          "the ready task with the longest path first. Lower bound: max(longest path, work / slots), which no schedule reaches " +
          "on some graphs. p-queue: the real p-queue, given each task when it becomes ready. Ours: the real engine with the " +
          "memory store; known: `estimate` is the measured duration, unknown: no task has an estimate.",
      ],
      tables: [secondsTable(rows), ratiosTable(rows)],
      targets: targetsOf(rows),
      failures: [],
    };
  },
};

async function scheduleAll(dag: Dag, slots: number): Promise<Row> {
  return {
    name: dag.name,
    slots,
    lowerBoundMs: lowerBoundMs(dag, slots),
    idealMs: idealMakespanMs(dag, slots),
    pQueueMs: await pQueueMakespanMs(dag, slots),
    knownMs: await oursMakespanMs(dag, slots, { estimates: true }),
    unknownMs: await oursMakespanMs(dag, slots, { estimates: false }),
  };
}

function secondsTable(rows: readonly Row[]): Table {
  const titles = ["lower bound, s", "ideal, s", "p-queue, s", "ours, known, s", "ours, unknown, s"];
  return {
    columns: [
      { title: "graph" },
      { title: "slots", number: true },
      ...titles.map((title) => ({ title, number: true })),
    ],
    rows: rows.map((row) => [
      row.name,
      String(row.slots),
      ...[row.lowerBoundMs, row.idealMs, row.pQueueMs, row.knownMs, row.unknownMs].map((ms) =>
        formatNumber(ms / 1000, 1),
      ),
    ]),
  };
}

const ratios: readonly (readonly [title: string, of: (row: Row) => number])[] = [
  ["known / ideal", (row) => row.knownMs / row.idealMs],
  ["known / p-queue", (row) => row.knownMs / row.pQueueMs],
  ["known / lower bound", (row) => row.knownMs / row.lowerBoundMs],
  ["unknown / ideal", (row) => row.unknownMs / row.idealMs],
  ["unknown / p-queue", (row) => row.unknownMs / row.pQueueMs],
  ["unknown / lower bound", (row) => row.unknownMs / row.lowerBoundMs],
];

function ratiosTable(rows: readonly Row[]): Table {
  return {
    columns: [
      { title: "graph" },
      { title: "slots", number: true },
      ...ratios.map(([title]) => ({ title, number: true })),
    ],
    rows: [
      ...rows.map((row) => [
        row.name,
        String(row.slots),
        ...ratios.map(([, of]) => formatNumber(of(row), 3)),
      ]),
      ["average", "", ...ratios.map(([, of]) => formatNumber(meanOf(rows.map(of)), 3))],
    ],
  };
}

function targetsOf(rows: readonly Row[]): readonly Target[] {
  const toIdeal = rows.map((row) => row.knownMs / row.idealMs);
  const toPQueue = rows.map((row) => row.knownMs / row.pQueueMs);
  return [
    targetOf(
      { what: "makespan over ideal, known durations, average", most: 1.03, digits: 3 },
      averageOf(toIdeal),
    ),
    targetOf({ what: "makespan over p-queue, average", most: 1, digits: 3 }, averageOf(toPQueue)),
    targetOf({ what: "makespan over p-queue, worst", most: 1.03, digits: 3 }, worstOf(toPQueue)),
  ];
}

/** The average stands where elsewhere the median does, as the target is about it. */
function averageOf(values: readonly number[]): Figure {
  return { median: meanOf(values), min: Math.min(...values), max: Math.max(...values), n: values.length };
}

function worstOf(values: readonly number[]): Figure {
  return { ...averageOf(values), median: Math.max(...values) };
}
