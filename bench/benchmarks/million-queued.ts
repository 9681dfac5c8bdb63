/** A million tasks waiting in one SQLite file: what it takes to put them there, and to claim one of them. */
import type { QueueMeasurement } from "../contenders/ours-queue.ts";
import { measureInChild } from "../harness/child.ts";
import { figureOf, pairRatios } from "../harness/figure.ts";
import type { Benchmark, Section } from "../harness/report.ts";
import { inRounds } from "../harness/rounds.ts";
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
    const figures = measured && {
      seconds: figureOf([measured.submitMs / 1000]),
      peakRssMb: figureOf([measured.peakRssMb]),
      claimFew: figureOf(measured.claimFewMicros),
      claimMany: figureOf(measured.claimManyMicros),
      ratio: figureOf(pairRatios(measured.claimManyMicros, measured.claimFewMicros)),
    };
    return {
      title: "A million queued tasks",
      text: [
        `${formatNumber(many)} tasks from a generator, submitted to a fresh SQLite file (FULL) in batches of 10,000, in one ` +
          `process. Then ${claims} claims of one task from it, in turn with as many from a file of ${formatNumber(few)} queued ` +
          "tasks in the same process; each claimed task is settled in between, which is not counted.",
      ],
      tables:
        figures === undefined
          ? []
          : [
              {
                columns: [{ title: "" }, { title: "measured", number: true }, { title: "n", number: true }],
                rows: [
                  ["submit a million, s", formatNumber(figures.seconds.median, 1), "1"],
                  ["peak RSS, MB", formatNumber(figures.peakRssMb.median), "1"],
                  [
                    `claim at ${formatNumber(few)} queued, us`,
                    formatFigure(figures.claimFew),
                    String(claims),
                  ],
                  [
                    `claim at ${formatNumber(many)} queued, us`,
                    formatFigure(figures.claimMany),
                    String(claims),
                  ],
                  ["ratio, claim by claim", formatFigure(figures.ratio, 2), String(claims)],
                ],
              },
            ],
      targets: [
        targetOf({ what: "a million tasks submitted", most: 30, unit: " s", digits: 1 }, figures?.seconds),
        targetOf({ what: "peak RSS with a million tasks", most: 400, unit: " MB" }, figures?.peakRssMb),
        targetOf(
          { what: "a claim at a million against ten thousand", most: 2, unit: " times", digits: 2 },
          figures?.ratio,
        ),
      ],
      failures: outcome?.ok === false ? [`ours: ${outcome.reason}`] : [],
    };
  },
};
