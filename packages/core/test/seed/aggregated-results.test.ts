import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFarmResult, type FarmResult, type ResultStatus, type Verdict } from "../../src/index.ts";
import { aggregateResults, isOverallSuccess, ResultAggregator } from "../../src/seed/index.ts";

function result(status: ResultStatus, verdict: Verdict, changes: Partial<FarmResult> = {}): FarmResult {
  return createFarmResult("t", "a", status, "output", { verdict, ...changes });
}

const succeeded = result("success", "verified");
const failed = result("failure", "failed");
const blocked = result("blocked", "blocked");
const cancelledRunning = result("failure", "cancelled");
const cancelledWaiting = result("blocked", "cancelled");

const anyResult = fc.constantFrom(succeeded, failed, blocked, cancelledRunning, cancelledWaiting);

describe("summary, next steps and success", () => {
  test.each([
    { results: [], summary: "No tasks completed", steps: [], success: false },
    {
      results: [succeeded, succeeded],
      summary: "All 2 tasks completed successfully",
      steps: ["Proceed to next phase"],
      success: true,
    },
    {
      results: [succeeded, failed],
      summary: "2 tasks: 1 succeeded, 1 failed",
      steps: ["Review failed tasks and address their issues"],
      success: false,
    },
    {
      results: [blocked],
      summary: "1 tasks: 1 blocked",
      steps: ["Resolve blockers for blocked tasks"],
      success: false,
    },
    {
      results: [succeeded, failed, cancelledRunning, cancelledWaiting, blocked],
      summary: "5 tasks: 1 succeeded, 2 failed, 2 blocked (2 of them cancelled)",
      steps: [
        "Review failed tasks and address their issues",
        "Resolve blockers for blocked tasks",
        "Run cancelled tasks again if they are still wanted",
      ],
      success: false,
    },
    {
      results: [succeeded, cancelledRunning],
      summary: "2 tasks: 1 succeeded, 1 failed (1 of them cancelled)",
      steps: ["Run cancelled tasks again if they are still wanted"],
      success: false,
    },
    {
      results: [cancelledWaiting],
      summary: "1 tasks: 1 blocked (1 of them cancelled)",
      steps: ["Run cancelled tasks again if they are still wanted"],
      success: false,
    },
  ])("$summary", ({ results, summary, steps, success }) => {
    const aggregated = aggregateResults(results);

    expect(aggregated.summary).toBe(summary);
    expect(aggregated.nextSteps).toEqual(steps);
    expect(isOverallSuccess(aggregated)).toBe(success);
  });

  test("a sum built by hand that counts a cancelled task is no success", () => {
    expect(isOverallSuccess({ ...aggregateResults([succeeded]), cancelledCount: 1 })).toBe(false);
  });
});

test("the counts by status are a partition of all results, and the cancelled ones are among the failed and blocked", () => {
  fc.assert(
    fc.property(fc.array(anyResult), (results) => {
      const {
        successCount,
        failureCount,
        blockedCount,
        cancelledCount,
        results: all,
      } = aggregateResults(results);

      expect(successCount + failureCount + blockedCount).toBe(results.length);
      expect(cancelledCount).toBeLessThanOrEqual(failureCount + blockedCount);
      expect(cancelledCount).toBe(results.filter(({ verdict }) => verdict === "cancelled").length);
      expect(all).toEqual(results);
    }),
  );
});

test("a batch is a success exactly when there are results and every one is", () => {
  fc.assert(
    fc.property(fc.array(anyResult, { maxLength: 4 }), (results) => {
      const every = results.length > 0 && results.every(({ status }) => status === "success");
      expect(isOverallSuccess(aggregateResults(results))).toBe(every);
    }),
  );
});

test("artifacts and issues come once each in the order first seen, durations add up, unknown ones as none", () => {
  const aggregated = aggregateResults([
    result("success", "verified", { artifacts: ["b.ts", "a.ts"], issues: ["slow"], duration: 30 }),
    result("failure", "failed", { artifacts: ["a.ts", "c.ts"], issues: ["slow", "flaky"], duration: 12 }),
    result("blocked", "blocked"),
  ]);

  expect(aggregated).toMatchObject({
    artifacts: ["b.ts", "a.ts", "c.ts"],
    issues: ["slow", "flaky"],
    totalDuration: 42,
  });
});

test("an aggregator sums up what was added, says where it stands in between, and starts anew when cleared", () => {
  const aggregator = new ResultAggregator();
  const first = result("success", "verified", { artifacts: ["a.ts"], issues: ["slow"] });
  const second = result("failure", "cancelled", { artifacts: ["a.ts"], issues: ["slow"] });
  aggregator.add(first);
  aggregator.addAll([second]);

  expect(aggregator.count).toBe(2);
  expect(aggregator.getPartial()).toEqual({
    successCount: 1,
    failureCount: 1,
    blockedCount: 0,
    cancelledCount: 1,
    artifacts: ["a.ts", "a.ts"],
    issues: ["slow", "slow"],
  });
  expect(aggregator.aggregate()).toEqual(aggregateResults([first, second]));

  aggregator.getResults().pop();
  expect(aggregator.getResults()).toEqual([first, second]);

  aggregator.clear();
  expect(aggregator.aggregate().summary).toBe("No tasks completed");
});
