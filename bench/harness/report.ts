/** What a benchmark hands back, and how all of them together become `RESULTS.md`. */
import type { MachineFacts } from "./machine.ts";
import type { Table } from "./table.ts";
import { renderTable } from "./table.ts";

export interface Benchmark {
  run(): Promise<Section>;
}

export interface Section {
  readonly title: string;
  /** What was measured and how, in whole sentences. */
  readonly text: readonly string[];
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  /** Contenders that could not run, with the reason. */
  readonly failures: readonly string[];
}

/** What was to be reached, and what was. */
export interface Target {
  readonly what: string;
  readonly reach: string;
  /** `null` when it could not be measured. */
  readonly measured: string | null;
  readonly met: boolean;
}

export interface TimedSection extends Section {
  readonly tookMs: number;
}

/** The whole of `RESULTS.md`. */
export function renderReport(machine: MachineFacts, sections: readonly TimedSection[]): string {
  const targets = sections.flatMap((section) => section.targets);
  return `${[
    "# Benchmark results",
    "Written by `npm run bench`. Figures are medians with the lowest and highest run behind them; ratios are formed pair by " +
      "pair from runs of the same round, each in a process and a folder of its own.",
    "## Machine",
    renderTable({ columns: [{ title: "" }, { title: "" }], rows: machine }),
    "## Targets",
    renderTargets(targets),
    ...sections.map(renderSection),
  ].join("\n\n")}\n`;
}

export function renderSection(section: TimedSection): string {
  return [
    `## ${section.title}`,
    ...section.text,
    ...section.tables.map(renderTable),
    ...section.failures.map((failure) => `**Did not run:** ${failure}`),
    `Took ${Math.round(section.tookMs / 1000)} s.`,
  ].join("\n\n");
}

export function renderTargets(targets: readonly Target[]): string {
  return renderTable({
    columns: [{ title: "target" }, { title: "reach" }, { title: "measured" }, { title: "" }],
    rows: targets.map(({ what, reach, measured, met }) => [
      what,
      reach,
      measured ?? "not measured",
      met ? "met" : "**missed**",
    ]),
  });
}
