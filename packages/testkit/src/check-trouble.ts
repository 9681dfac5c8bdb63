/** Whether an agent makes the right thing of one trouble. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { FarmTask } from "mai-orchestration-core";
import type { AgentOutcome } from "mai-orchestration-engine";
import type { AgentCheck } from "./agent-checks.ts";
import type { AgentTraits } from "./agent-harness.ts";
import { answerWithinMs, atWork, type Run, within, withRun } from "./agent-run.ts";
import { type Trouble, troubles } from "./agent-troubles.ts";
import { markedProcesses } from "./marked-processes.ts";
import { assertShape } from "./outcome-shape.ts";

/** How long a silent run is watched, and a settled one. */
const quietMs = 250;

/** The trouble ends as one of its right ends, in the promised shape, with no report after it and no process left. @public */
export function checkTrouble(trouble: Trouble): AgentCheck {
  return async (harness, traits) => {
    await withRun(
      harness,
      { type: "trouble", trouble },
      async (run) => {
        if (trouble === "silence") await stopSilent(run, () => atWork(harness, traits, run.mark));
        const outcome = await within(answerWithinMs, run.settled, `the end of an attempt with ${trouble}`);
        assertShape(outcome);
        assertEnd(trouble, outcome);
        await sleep(quietMs);
        assert.deepEqual(run.reports.late, [], "nothing is reported once run has settled");
        await assertNobodyLeft(run.mark, traits);
      },
      {},
      trouble === "deaf-stdin" ? lengthened : (task) => task,
    );
  };
}

async function stopSilent(run: Run, working: () => Promise<void>): Promise<void> {
  await Promise.race([working(), run.settled]);
  await Promise.race([sleep(quietMs), run.settled]);
  assert.deepEqual(run.reports.all, [], "whoever says nothing gives no sign of life");
  run.abort();
}

function assertEnd(trouble: Trouble, outcome: AgentOutcome): void {
  const end = outcome.type === "answered" ? "answered" : outcome.kind;
  const { does, ends } = troubles[trouble];
  const said = JSON.stringify(outcome).slice(0, 500);
  assert.ok(ends.includes(end), `An agent that ${does} ends as ${ends.join(" or ")}, got ${said}`);
  if (trouble === "denied")
    assert.ok((outcome.issues?.length ?? 0) > 0, `what was refused is an issue, got ${said}`);
  if (trouble === "quota" && outcome.type === "failed")
    assert.ok(
      (outcome.retryAt ?? 0) > 1e12,
      `the time at which a quota opens is Unix milliseconds, got ${said}`,
    );
}

async function assertNobodyLeft(mark: string, traits: AgentTraits): Promise<void> {
  if (!traits.startsProcesses || process.platform !== "linux") return;
  assert.deepEqual(await markedProcesses(mark), [], "processes of a settled attempt are alive");
}

function lengthened(task: FarmTask): FarmTask {
  return { ...task, description: `${"A line of a long task.\n".repeat(45_600)}\n${task.description}` };
}
