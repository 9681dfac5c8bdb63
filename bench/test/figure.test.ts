import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { figureOf, meanOf, pairRatios } from "../harness/figure.ts";

describe("figureOf", () => {
  test.each([
    { values: [3, 1, 2], median: 2 },
    { values: [4, 1, 3, 2], median: 2.5 },
    { values: [7], median: 7 },
    { values: [100, 9, 20], median: 20 },
  ])("the median of $values is $median", ({ values, median }) => {
    const figure = figureOf(values);

    expect(figure).toEqual({ median, min: Math.min(...values), max: Math.max(...values), n: values.length });
  });

  test("the median lies between the extremes, and as many runs lie above it as below", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const { median, min, max } = figureOf(values);
        expect(median).toBeGreaterThanOrEqual(min);
        expect(median).toBeLessThanOrEqual(max);
        expect(values.filter((value) => value < median).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > median).length).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });

  test("no runs are no figure", () => {
    expect(() => figureOf([])).toThrow(RangeError);
  });

  test("the runs handed over keep their order", () => {
    const values = [3, 1, 2];
    figureOf(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("pairRatios", () => {
  test("each run is divided by the one of the same round", () => {
    expect(pairRatios([10, 30, 8], [5, 10, 16])).toEqual([2, 3, 0.5]);
  });

  test("sides of different length are no pairs", () => {
    expect(() => pairRatios([1, 2], [1])).toThrow(RangeError);
  });
});

test("the mean of nothing is an error", () => {
  expect(meanOf([1, 2, 6])).toBe(3);
  expect(() => meanOf([])).toThrow(RangeError);
});
