import type { FarmTask } from "mai-orchestration-core";
import { unknownUsage } from "mai-orchestration-core";
import type { AgentContext, AgentOutcome, AgentReport } from "mai-orchestration-engine";
import type { ScriptedBehaviour } from "mai-orchestration-testkit";
import { scriptedAgent, VirtualClock } from "mai-orchestration-testkit";
import { expect, test } from "vitest";

const task: FarmTask = {
  taskId: "a",
  type: "test",
  description: "",
  context: [],
  constraints: [],
  successCriteria: "",
};

/** One attempt on a clock of its own, with all that happens written down. */
function start(behave: (task: FarmTask, attempt: number) => ScriptedBehaviour, attempt = 1) {
  const clock = new VirtualClock();
  const log: string[] = [];
  const controller = new AbortController();
  const context: AgentContext = {
    signal: controller.signal,
    workspace: "/w",
    root: "/w",
    outputFile: "/w/out",
    mark: "m",
    report: (report: AgentReport) => log.push(`${clock.now()}: ${JSON.stringify(report)}`),
  };
  const agent = scriptedAgent({ id: "s", clock, behave });
  const settled = agent.run({ runId: "r", task, attempt, feedback: null, sessionId: null }, context);
  settled.then(
    (outcome) => log.push(`${clock.now()}: ${outcome.type} ${outcome.output}`),
    (error) => log.push(`${clock.now()}: rejected ${error}`),
  );
  return { clock, log, settled, abort: () => controller.abort() };
}

const answer = (output: string): AgentOutcome => ({ type: "answered", output, usage: unknownUsage });

test("an attempt takes the time, and ends with the outcome, that its number is given", async () => {
  const behave = (_: FarmTask, attempt: number): ScriptedBehaviour => ({
    durationMs: 100 * attempt,
    outcome: answer(`attempt ${attempt}`),
    reports: [{ afterMs: 40, report: { progress: 50 } }],
  });

  for (const attempt of [1, 2]) {
    const { clock, log, settled } = start(behave, attempt);
    await clock.runUntil(settled);
    expect(log).toEqual(['40: {"progress":50}', `${100 * attempt}: answered attempt ${attempt}`]);
  }
});

test("an abort ends the attempt at once, or after the time it needs to stop, and its reports with it", async () => {
  for (const stopMs of [0, 30]) {
    const reports = [{ afterMs: 15, report: { message: "never" } }];
    const { clock, log, settled, abort } = start(() => ({ durationMs: null, stopMs, reports }));
    clock.timer(10, abort);

    await clock.runUntil(settled);
    clock.pass(1_000);

    expect(log).toEqual([`${10 + stopMs}: failed `]);
  }
});

test("an agent that ignores an abort answers late, or never", async () => {
  const late = start(() => ({ durationMs: 100, stopMs: null, outcome: answer("late") }));
  late.abort();
  await late.clock.runUntil(late.settled);
  expect(late.log).toEqual(["100: answered late"]);

  const never = start(() => ({ durationMs: null, stopMs: null }));
  never.abort();
  await expect(never.clock.runUntil(never.settled, { patienceMs: 10 })).rejects.toThrow("no timer is left");
});

test("an agent can break its contract: reject, report garbage, report after its end", async () => {
  const reports = [
    { afterMs: 5, report: { progress: Number.NaN } },
    { afterMs: 50, report: { message: "too late" } },
  ];
  const { clock, log, settled } = start(() => ({ durationMs: 10, reports, reject: "broken" }));

  await expect(clock.runUntil(settled)).rejects.toBe("broken");
  clock.pass(100);

  expect(log).toEqual(['5: {"progress":null}', "10: rejected broken", '50: {"message":"too late"}']);
});

test("an agent does all types of tasks, one at a time and on the system's clock, unless told otherwise", async () => {
  const agent = scriptedAgent({ id: "plain" });
  const context = { signal: new AbortController().signal, workspace: "", root: "", outputFile: "", mark: "" };
  const asked = { runId: "r", task, attempt: 1, feedback: null, sessionId: null };

  expect(agent).toMatchObject({ agentId: "plain", maxConcurrent: 1, commands: false, prose: true });
  expect(agent.capabilities).toHaveLength(4);
  expect(await agent.run(asked, { ...context, report: () => {} })).toMatchObject({
    type: "answered",
    output: "done",
  });
});
