/**
 * The contract of agents, sentence by sentence. Each check throws when an
 * agent breaks its sentence; `describeAgent` runs them as tests.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FarmTask } from "mai-orchestration-core";
import type { AgentHarness, AgentTraits } from "./agent-harness.ts";
import type { Run } from "./agent-run.ts";
import { answerWithinMs, atWork, within, withRun } from "./agent-run.ts";
import { markedProcesses } from "./marked-processes.ts";
import { assertShape } from "./outcome-shape.ts";

/** One sentence of the contract; throws when the agent breaks it. @public */
export type AgentCheck = (harness: AgentHarness, traits: AgentTraits) => Promise<void>;

/** How long a settled run is watched for reports. */
const quietMs = 250;

/** `run` answers a task it can do, in the promised shape. @public */
export const checkAnswers: AgentCheck = async (harness) => {
  await withRun(harness, { type: "answer" }, async ({ settled }) => {
    const outcome = await within(answerWithinMs, settled, "an answer");
    assert.equal(
      outcome.type,
      "answered",
      `Expected an answer, got ${JSON.stringify(outcome).slice(0, 500)}`,
    );
    assertShape(outcome);
  });
};

/** Failures are outcomes with a kind and a reason of one line. @public */
export const checkFailureIsOutcome: AgentCheck = async (harness) => {
  await withRun(harness, { type: "fail" }, async ({ settled }) => {
    const outcome = await within(answerWithinMs, settled, "a failure");
    assert.equal(outcome.type, "failed", "Expected a failed outcome");
    assertShape(outcome);
  });
};

/** `run` never rejects: not when it may not even start, nor when its workspace is missing. @public */
export const checkNeverRejects: AgentCheck = async (harness, traits) => {
  const aborted = { signal: AbortSignal.abort() };
  await withRun(
    harness,
    { type: "wait" },
    async ({ settled }) => {
      assertShape(
        await within(traits.settleWithinMs, settled, "the end of a run that was aborted before it began"),
      );
    },
    aborted,
  );
  const missing = { workspace: join(tmpdir(), `missing-${randomUUID()}`) };
  await withRun(
    harness,
    { type: "answer" },
    async ({ settled }) => {
      assertShape(await within(answerWithinMs, settled, "the end of a run whose workspace is missing"));
    },
    missing,
  );
};

/** After the signal aborts, `run` settles: at once, in the next turn, and in the midst of work. @public */
export const checkSettlesAfterAbort: AgentCheck = async (harness, traits) => {
  const moments: readonly ((mark: string) => Promise<void>)[] = [
    async () => {},
    () => new Promise((resolve) => setImmediate(resolve)),
    (mark) => atWork(harness, traits, mark),
  ];
  for (const moment of moments) {
    await withRun(harness, { type: "wait" }, async ({ mark, abort, settled }) => {
      await Promise.race([moment(mark), settled]);
      abort();
      assertShape(await within(traits.settleWithinMs, settled, "the end of an aborted run"));
    });
  }
};

/** Nothing is reported once `run` has settled, and progress is a percentage. @public */
export const checkReportsOnlyWhileRunning: AgentCheck = async (harness, traits) => {
  await withRun(harness, { type: "answer" }, async ({ reports, settled }) => {
    await within(answerWithinMs, settled, "an answer");
    await assertQuiet(reports);
  });
  await withRun(harness, { type: "wait" }, async ({ mark, abort, reports, settled }) => {
    await Promise.race([atWork(harness, traits, mark), settled]);
    abort();
    await within(traits.settleWithinMs, settled, "the end of an aborted run");
    await assertQuiet(reports);
  });
};

/** Usage is stated where it is known, and is `null`, never 0, where it is not. @public */
export const checkUsage: AgentCheck = async (harness, traits) => {
  await withRun(harness, { type: "answer" }, async ({ settled }) => {
    const { usage } = await within(answerWithinMs, settled, "an answer");
    for (const [name, amount] of Object.entries(usage)) {
      if (traits.usage === "unknown") assert.equal(amount, null, `${name} is unknown and must be null`);
      if (traits.usage === "none") assert.equal(amount, 0, `${name} is certainly 0`);
    }
    if (traits.usage !== "known") return;
    assert.ok((usage.inputTokens ?? 0) > 0, "inputTokens is known and must be stated");
    assert.ok((usage.outputTokens ?? 0) > 0, "outputTokens is known and must be stated");
  });
  if (traits.usage === "none") return;
  await withRun(
    harness,
    { type: "wait" },
    async ({ settled }) => {
      const { usage } = await within(
        traits.settleWithinMs,
        settled,
        "the end of a run that was aborted before it began",
      );
      assert.notEqual(usage.inputTokens, 0, "nobody stated the usage of an aborted run: null, not 0");
      assert.notEqual(usage.costUsd, 0, "nobody stated the cost of an aborted run: null, not 0");
    },
    { signal: AbortSignal.abort() },
  );
};

/** No process is left when `run` has settled, after an answer or after an abort. Linux only. @public */
export const checkLeavesNoProcess: AgentCheck = async (harness, traits) => {
  await withRun(harness, { type: "answer" }, async ({ mark, settled }) => {
    await within(answerWithinMs, settled, "an answer");
    await assertNoProcess(mark);
  });
  await withRun(harness, { type: "wait" }, async ({ mark, abort, settled }) => {
    await Promise.race([atWork(harness, traits, mark), settled]);
    // Without this the check would pass for processes that carry no mark.
    assert.notDeepEqual(await markedProcesses(mark), [], "a process at work carries the mark in MAI_MARK");
    abort();
    await within(traits.settleWithinMs, settled, "the end of an aborted run");
    await assertNoProcess(mark);
  });
};

/** Output of any size neither breaks an attempt nor its outcome. @public */
export const checkBigOutput: AgentCheck = async (harness, traits) => {
  const bytes = traits.bigOutputBytes ?? 0;
  await withRun(harness, { type: "print", bytes }, async ({ settled }) => {
    const outcome = await within(2 * answerWithinMs, settled, `the end of a run that printed ${bytes} bytes`);
    assert.equal(outcome.type, "answered", "Printing much is no failure");
    assertShape(outcome);
  });
};

/** A long task reaches the agent whole. @public */
export const checkBigPrompt: AgentCheck = async (harness, traits) => {
  const padding = "A line of a long task.\n".repeat(Math.ceil((traits.bigPromptLength ?? 0) / 23));
  const lengthen = (task: FarmTask): FarmTask => ({
    ...task,
    description: `${padding}\n${task.description}`,
  });
  await withRun(
    harness,
    { type: "answer" },
    async ({ settled }) => {
      const outcome = await within(answerWithinMs, settled, "an answer to a long task");
      assert.equal(
        outcome.type,
        "answered",
        `Expected an answer, got ${JSON.stringify(outcome).slice(0, 500)}`,
      );
    },
    {},
    lengthen,
  );
};

async function assertQuiet(reports: Run["reports"]): Promise<void> {
  await sleep(quietMs);
  assert.deepEqual(reports.late, [], "nothing is reported once run has settled");
  for (const { progress } of reports.all) {
    if (progress !== undefined)
      assert.ok(progress >= 0 && progress <= 100, `progress ${progress} is no percentage`);
  }
}

async function assertNoProcess(mark: string): Promise<void> {
  assert.deepEqual(await markedProcesses(mark), [], "processes of a settled attempt are alive");
}
