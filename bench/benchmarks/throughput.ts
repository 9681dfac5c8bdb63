/** Tasks per second of several contenders on the same work: shared by the durable and the in-memory benchmark. */
import type { Measurement } from "../contenders/measurement.ts";
import type { ContenderProcess } from "../harness/child.ts";
import { measureInChild } from "../harness/child.ts";
import type { Figure } from "../harness/figure.ts";
import { figureOf, pairRatios } from "../harness/figure.ts";
import { inRounds } from "../harness/rounds.ts";
import type { Table } from "../harness/table.ts";
import { formatFigure, formatNumber } from "../harness/table.ts";

export interface Contender extends ContenderProcess {
  readonly name: string;
  /** What is on disk when a task counts as done. */
  readonly durability: string;
  readonly tasks: number;
}

export interface Throughput {
  readonly contender: Contender;
  /** Tasks per second, a value a round. */
  readonly rates: readonly number[];
  readonly peakRssMb: readonly number[];
}

export interface Race {
  readonly finished: readonly Throughput[];
  readonly failures: readonly string[];
}

export async function race(contenders: readonly Contender[], rounds: number): Promise<Race> {
  const outcomes = await inRounds(contenders, rounds, (contender) =>
    measureInChild<Measurement>({ ...contender, args: [String(contender.tasks), ...contender.args] }),
  );
  const finished: Throughput[] = [];
  const failures: string[] = [];
  for (const [contender, outcome] of outcomes) {
    if (!outcome.ok) failures.push(`${contender.name}: ${outcome.reason}`);
    else finished.push(throughputOf(contender, outcome.runs));
  }
  return { finished, failures };
}

export function throughputTable({ finished }: Race): Table {
  return {
    columns: [
      { title: "contender" },
      { title: "runtime" },
      { title: "durability" },
      { title: "tasks", number: true },
      { title: "tasks/s", number: true },
      { title: "peak RSS, MB", number: true },
    ],
    rows: finished.map(({ contender, rates, peakRssMb }) => [
      contender.name,
      contender.runtime === "node" ? "Node" : "Bun",
      contender.durability,
      formatNumber(contender.tasks),
      formatFigure(figureOf(rates)),
      formatFigure(figureOf(peakRssMb)),
    ]),
  };
}

export function ratioTable(
  race: Race,
  pairs: readonly (readonly [ours: Contender, theirs: Contender])[],
): Table {
  return {
    columns: [{ title: "tasks/s" }, { title: "against" }, { title: "ratio", number: true }],
    rows: pairs.map(([ours, theirs]) => {
      const ratio = ratioOf(race, ours, theirs);
      return [ours.name, theirs.name, ratio === undefined ? "not measured" : formatFigure(ratio, 2)];
    }),
  };
}

/** How many times as many tasks per second as `theirs`; undefined when one of both did not finish. */
export function ratioOf(race: Race, ours: Contender, theirs: Contender): Figure | undefined {
  const [a, b] = [ratesOf(race, ours), ratesOf(race, theirs)];
  return a === undefined || b === undefined ? undefined : figureOf(pairRatios(a, b));
}

export function rateOf(race: Race, contender: Contender): Figure | undefined {
  const rates = ratesOf(race, contender);
  return rates === undefined ? undefined : figureOf(rates);
}

function ratesOf({ finished }: Race, contender: Contender): readonly number[] | undefined {
  return finished.find((throughput) => throughput.contender === contender)?.rates;
}

function throughputOf(contender: Contender, runs: readonly Measurement[]): Throughput {
  return {
    contender,
    rates: runs.map(({ tasks, ms }) => tasks / (ms / 1000)),
    peakRssMb: runs.map((run) => run.peakRssMb),
  };
}
