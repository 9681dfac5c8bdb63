import { describe, expect, test } from "vitest";
import type { TimedSection } from "../harness/report.ts";
import { renderReport } from "../harness/report.ts";
import { targetOf } from "../harness/target.ts";

const figure = { median: 5000, min: 4000, max: 6000, n: 5 };

describe("targetOf", () => {
  test.each([
    { bound: { what: "w", least: 5000 }, met: true },
    { bound: { what: "w", least: 5001 }, met: false },
    { bound: { what: "w", most: 5000 }, met: true },
    { bound: { what: "w", most: 4999 }, met: false },
  ])("the median 5000 under $bound is met: $met", ({ bound, met }) => {
    expect(targetOf(bound, figure).met).toBe(met);
  });

  test("it says what was to be reached and what was measured how often", () => {
    const target = targetOf(
      { what: "rate", least: 1.5, unit: " times", digits: 2 },
      { median: 2, min: 1, max: 3, n: 5 },
    );

    expect(target).toEqual({
      what: "rate",
      reach: "at least 1.50 times",
      measured: "2.00 (1.00-3.00) times, n=5",
      met: true,
    });
  });

  test("what was not measured is not met", () => {
    expect(targetOf({ what: "w", most: 1 }, undefined)).toMatchObject({ measured: null, met: false });
  });
});

test("the report shows machine, targets and sections, and names what did not run", () => {
  const section: TimedSection = {
    title: "Durable tasks",
    text: ["How it was measured."],
    tables: [{ columns: [{ title: "contender" }], rows: [["ours"]] }],
    targets: [
      targetOf({ what: "rate", least: 6000 }, figure),
      targetOf({ what: "other", most: 1 }, undefined),
    ],
    failures: ["plainjob: no such library"],
    tookMs: 12_345,
  };

  const report = renderReport([["CPU", "something, 2 cores"]], [section]);

  expect(report).toContain("| CPU | something, 2 cores |");
  expect(report).toContain("| rate | at least 6,000 | 5,000 (4,000-6,000), n=5 | **missed** |");
  expect(report).toContain("| other | at most 1 | not measured | **missed** |");
  expect(report).toContain("## Durable tasks\n\nHow it was measured.\n\n| contender |");
  expect(report).toContain("**Did not run:** plainjob: no such library\n\nTook 12 s.");
});
