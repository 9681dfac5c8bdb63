import fc from "fast-check";
import { expect, test } from "vitest";
import { addUsage, noUsage, sumKnownCosts, type Usage, unknownUsage } from "../src/index.ts";

const classes = ["inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "costUsd"] as const;
const anyClass = fc.option(fc.nat(1_000_000));
const anyUsage: fc.Arbitrary<Usage> = fc.oneof(
  fc.constant(noUsage),
  fc.constant(unknownUsage),
  fc.record({
    inputTokens: anyClass,
    outputTokens: anyClass,
    cacheReadTokens: anyClass,
    cacheWriteTokens: anyClass,
    costUsd: anyClass,
  }),
);

test("a class that is unknown in one summand is unknown in the sum, never 0; known ones add up", () => {
  fc.assert(
    fc.property(anyUsage, anyUsage, (a, b) => {
      const sum = addUsage(a, b);
      for (const name of classes) {
        const known = [a[name], b[name]].every((part) => part !== null);
        expect(sum[name]).toBe(known ? Number(a[name]) + Number(b[name]) : null);
      }
    }),
  );
});

test("the order of adding does not matter", () => {
  fc.assert(
    fc.property(anyUsage, anyUsage, anyUsage, (a, b, c) => {
      expect(addUsage(a, b)).toEqual(addUsage(b, a));
      expect(addUsage(addUsage(a, b), c)).toEqual(addUsage(a, addUsage(b, c)));
    }),
  );
});

test("a sum of costs says how much is known and how many parts are not", () => {
  expect(sumKnownCosts([0.25, null, 0, 0.5, null])).toEqual({ atLeastUsd: 0.75, unknownParts: 2 });
  expect(sumKnownCosts([])).toEqual({ atLeastUsd: 0, unknownParts: 0 });
});
