import fc from "fast-check";
import { expect, test } from "vitest";
import {
  affordsAttempt,
  nothingSpent,
  noUsage,
  type Spending,
  spendingAfter,
  type TaskEvent,
  unknownUsage,
} from "../src/index.ts";

const cents = fc.integer({ min: 0, max: 1_000 }).map((many) => many / 100);

function answered(costUsd: number | null): TaskEvent {
  const answer = { output: "", outputFile: null, artifacts: [], issues: [], sessionId: null };
  const usage = costUsd === null ? unknownUsage : { ...noUsage, costUsd };
  return {
    type: "attempt.answered",
    attempt: 1,
    answer: { ...answer, usage, durationMs: 1, sharedWorkspace: false },
  };
}

function spentOn(costs: readonly (number | null)[]): Spending {
  return costs.reduce((spending, cost) => spendingAfter(spending, answered(cost)), nothingSpent);
}

test("without a ceiling everything is afforded, and the first attempts always are", () => {
  expect(affordsAttempt(null, { spentUsd: 1e9, largestUsd: 1e9 }, 100)).toBe(true);
  expect(affordsAttempt(undefined, { spentUsd: 1e9, largestUsd: 1e9 }, 100)).toBe(true);
  expect(affordsAttempt(0.01, nothingSpent, 63)).toBe(true);
});

test("an attempt may reach the ceiling, and not pass it, however sums of cents are rounded", () => {
  expect(affordsAttempt(0.3, spentOn([0.1, 0.1]), 0)).toBe(true);
  expect(affordsAttempt(0.3, spentOn([0.1, 0.1]), 1)).toBe(false);
  expect(affordsAttempt(0.3, spentOn([0.1, 0.1, 0.1]), 0)).toBe(false);
});

test("what costs nothing or says nothing changes nothing", () => {
  expect(spentOn([0, null])).toEqual(nothingSpent);
});

test("as long as no attempt costs more than the dearest before it, the ceiling holds, however many run at once", () => {
  const lives = fc.record({
    ceiling: cents.filter((usd) => usd > 0),
    cost: cents.filter((usd) => usd > 0),
    shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }),
    parallel: fc.integer({ min: 1, max: 8 }),
  });
  fc.assert(
    fc.property(lives, ({ ceiling, cost, shares, parallel }) => {
      // The first attempt tells the dearest cost; then as many run as are afforded, and all of them end.
      let spending = spentOn([cost]);
      const before = spending.spentUsd;
      const waiting = [...shares];
      while (waiting.length > 0) {
        let running = 0;
        while (running < Math.min(parallel, waiting.length) && affordsAttempt(ceiling, spending, running))
          running++;
        if (running === 0) break;
        for (const share of waiting.splice(0, running))
          spending = spendingAfter(spending, answered(cost * share));
      }

      expect(spending.spentUsd).toBeLessThanOrEqual(Math.max(before, ceiling) + 1e-6);
    }),
  );
});

test("what is refused is refused with more spent, more running and a lower ceiling too", () => {
  fc.assert(
    fc.property(
      cents,
      cents,
      cents,
      fc.nat(20),
      cents,
      fc.nat(5),
      (ceiling, spentUsd, largestUsd, running, more, others) => {
        fc.pre(!affordsAttempt(ceiling, { spentUsd, largestUsd }, running));

        expect(affordsAttempt(ceiling, { spentUsd: spentUsd + more, largestUsd }, running)).toBe(false);
        expect(affordsAttempt(ceiling, { spentUsd, largestUsd: largestUsd + more }, running)).toBe(false);
        expect(affordsAttempt(ceiling, { spentUsd, largestUsd }, running + others)).toBe(false);
        expect(affordsAttempt(Math.max(0, ceiling - more), { spentUsd, largestUsd }, running)).toBe(false);
      },
    ),
  );
});
