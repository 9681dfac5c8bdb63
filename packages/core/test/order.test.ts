import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compareKeys,
  getPriorityOrder,
  type SortKey,
  serveDayOf,
  sortByPriority,
  type TaskPriority,
} from "../src/index.ts";

const dayMs = 24 * 60 * 60_000;
const anyPriority = fc.constantFrom<TaskPriority | undefined>("high", "normal", "low", undefined);
const anyKey: fc.Arbitrary<SortKey> = fc.record({
  serveDay: fc.nat(3),
  behindMs: fc.nat(3),
  sequence: fc.nat(3),
});

test("priorities are ordered high, normal, low, and none is normal", () => {
  expect([
    getPriorityOrder("high"),
    getPriorityOrder("normal"),
    getPriorityOrder("low"),
    getPriorityOrder(),
  ]).toEqual([0, 1, 2, 1]);
});

test("sortByPriority gives a new array, most urgent first, equals in their order", () => {
  fc.assert(
    fc.property(fc.array(anyPriority), (priorities) => {
      const tasks = priorities.map((priority, at) => (priority === undefined ? { at } : { at, priority }));
      const given = structuredClone(tasks);

      const sorted = sortByPriority<{ at: number; priority?: TaskPriority }>(tasks);

      const ranks = sorted.map(({ at, priority }) => getPriorityOrder(priority) * 1_000 + at);
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      expect(tasks).toEqual(given);
      expect(sorted).not.toBe(tasks);
    }),
  );
});

test("of tasks that became ready on one day the higher priority is served first, whatever waits behind the others", () => {
  fc.assert(
    fc.property(
      anyPriority,
      anyPriority,
      fc.nat(dayMs - 1),
      fc.nat(dayMs - 1),
      fc.nat(),
      fc.nat(),
      (a, b, atA, atB, behindA, behindB) => {
        fc.pre(getPriorityOrder(a) < getPriorityOrder(b));
        const first = { serveDay: serveDayOf(a, 20_000 * dayMs + atA), behindMs: behindA, sequence: 2 };
        const second = { serveDay: serveDayOf(b, 20_000 * dayMs + atB), behindMs: behindB, sequence: 1 };
        expect(compareKeys(first, second)).toBeLessThan(0);
      },
    ),
  );
});

test("within a priority the longest path is served first, and of equals the one submitted first", () => {
  const keys = [
    { serveDay: 1, behindMs: 10, sequence: 1 },
    { serveDay: 1, behindMs: 20, sequence: 3 },
    { serveDay: 1, behindMs: 20, sequence: 2 },
  ];

  expect(keys.sort(compareKeys).map(({ sequence }) => sequence)).toEqual([2, 3, 1]);
});

test("nothing waits for ever: whatever becomes ready three days later is served after it", () => {
  fc.assert(
    fc.property(
      anyPriority,
      anyPriority,
      fc.nat(10 * dayMs),
      fc.nat(10 * dayMs),
      fc.nat(),
      (early, late, at, more, behindMs) => {
        const waiting = { serveDay: serveDayOf(early, at), behindMs: 0, sequence: 2 };
        const newcomer = { serveDay: serveDayOf(late, at + 3 * dayMs + more), behindMs, sequence: 1 };
        expect(compareKeys(waiting, newcomer)).toBeLessThan(0);
      },
    ),
  );
});

test("the order is total: it answers both ways alike and keeps chains", () => {
  fc.assert(
    fc.property(anyKey, anyKey, anyKey, (a, b, c) => {
      expect(Math.sign(compareKeys(a, b)) + Math.sign(compareKeys(b, a))).toBe(0);
      if (compareKeys(a, b) <= 0 && compareKeys(b, c) <= 0) expect(compareKeys(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});
