/** A million tasks waiting in one SQLite file: what it takes to put them there, and to claim one of them. */
import type { ClaimTimes, QueueMeasurement } from "../contenders/ours-queue.ts";
import { measureInChild } from "../harness/child.ts";
import type { Figure } from "../harness/figure.ts";
import { figureOf, pairRatios } from "../harness/figure.ts";
import type { Benchmark, Section, Target } from "../harness/report.ts";
import { inRounds } from "../harness/rounds.ts";
import type { Table } from "../harness/table.ts";
import { formatFigure, formatNumber } from "../harness/table.ts";
import { targetOf } from "../harness/target.ts";

const many = 1_000_000;
const few = 10_000;
const claims = 300;
const ours = {
  runtime: "node",
  script: "ours-queue.ts",
  args: [String(many), String(few), String(claims)],
} as const;

export const millionQueued: Benchmark = {
  async run(): Promise<Section> {
    const outcome = (await inRounds([ours], 1, () => measureInChild<QueueMeasurement>(ours))).get(ours);
    const measured = outcome?.ok === true ? outcome.runs[0] : undefined;
    return {
      title: "A million queued tasks",
      text: [
        `${formatNumber(many)} tasks from a generator, submitted to a fresh SQLite file (FULL) in batches of 10,000, in one ` +
          `process. Then ${claims} claims of one task from it, in turn with as many from a file of ${formatNumber(few)} queued ` +
          "tasks; each claimed task is settled in between, which is not counted. At FULL the forced write hides most of what " +
          "a claim costs, so the claims are repeated at NORMAL.",
      ],
      tables: measured === undefined ? [] : [tableOf(measured)],
      targets: targetsOf(measured),
      failures: outcome?.ok === false ? [`ours: ${outcome.reason}`] : [],
    };
  },
};

function tableOf({ submitMs, peakRssMb, full, normal }: QueueMeasurement): Table {
  const claimRows = [["FULL", full] as const, ["NORMAL", normal] as const].flatMap(([name, times]) => [
    [`claim at ${formatNumber(few)} queued, ${name}, us`, formatFigure(figureOf(times.few)), String(claims)],
    [
      `claim at ${formatNumber(many)} queued, ${name}, us`,
      formatFigure(figureOf(times.many)),
      String(claims),
    ],
    [`ratio, claim by claim, ${name}`, formatFigure(ratioOf(times), 2), String(claims)],
  ]);
  return {
    columns: [{ title: "" }, { title: "measured", number: true }, { title: "n", number: true }],
    rows: [
      [`submit ${formatNumber(many)}, s`, formatNumber(submitMs / 1000, 1), "1"],
      ["peak RSS, MB", formatNumber(peakRssMb), "1"],
      ...claimRows,
    ],
  };
}

function targetsOf(measured: QueueMeasurement | undefined): readonly Target[] {
  const seconds = measured && figureOf([measured.submitMs / 1000]);
  const peakRssMb = measured && figureOf([measured.peakRssMb]);
  const claim = { what: "a claim at a million against ten thousand", most: 2, unit: " times", digits: 2 };
  return [
    targetOf({ what: "a million tasks submitted", most: 30, unit: " s", digits: 1 }, seconds),
    targetOf({ what: "peak RSS with a million tasks", most: 400, unit: " MB" }, peakRssMb),
    targetOf({ ...claim, what: `${claim.what}, FULL` }, measured && ratioOf(measured.full)),
    targetOf({ ...claim, what: `${claim.what}, NORMAL` }, measured && ratioOf(measured.normal)),
  ];
}

function ratioOf({ few, many }: ClaimTimes): Figure {
  return figureOf(pairRatios(many, few));
}
