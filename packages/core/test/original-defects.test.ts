/**
 * What the original packages got wrong, as far as core alone can be held to it.
 * Each test is named by the defect's number in the list that this project keeps
 * of them; the others are held where tasks really run.
 */
import { expect, test } from "vitest";
import {
  chooseAgent,
  compareKeys,
  createFarmResult,
  demandOf,
  evolve,
  isHeld,
  resultOf,
  serveDayOf,
  type TaskState,
} from "../src/index.ts";
import {
  AgentRegistry,
  aggregateResults,
  calculateAgentDuration,
  createAgentStatus,
  createTaskFailedEvent,
  formatResultsMarkdown,
  isOverallSuccess,
  markAgentComplete,
} from "../src/seed/index.ts";
import { answerOf, claimOf, failureOf, leads, receiptOf, submitted, taskOf } from "./life.ts";

const release = { type: "release", open: 0 } as const;
const answered = { type: "answer", attempt: 1, answer: answerOf() } as const;

test("F4: success is not unconditional: without an answer, or with a check that did not pass, there is none", () => {
  const silent = leads(taskOf());
  silent.does(0, release, claimOf());
  expect(silent.asks(0, { type: "succeed", attempt: 1 }).ok).toBe(false);

  const refused = leads(taskOf({ verify: [{ command: "A" }] }));
  refused.does(0, release, claimOf(), answered, {
    type: "check",
    attempt: 1,
    receipt: receiptOf("A", false),
  });
  expect(refused.asks(0, { type: "succeed", attempt: 1 }).ok).toBe(false);

  const life = leads(taskOf());
  life.does(0, release, claimOf(), { ...answered, answer: answerOf({ artifacts: ["a.ts"] }) });
  life.does(0, { type: "succeed", attempt: 1 });
  expect(resultOf(life.state()).artifacts).toEqual(["a.ts"]);
});

test("F6: progress that an agent reports is kept, and a task is seen queued before it runs", () => {
  const life = leads(taskOf());
  expect(life.state().phase).toBe("queued");

  life.does(0, release, claimOf(), {
    type: "progress",
    attempt: 1,
    progress: 40,
    message: null,
    sessionId: null,
  });

  expect(life.state().progress).toBe(40);
});

test("S1: the state of a task survives JSON as it is", () => {
  const life = leads(taskOf({ retry: { maxAttempts: 2 } }));
  life.does(0, release, claimOf(), answered, failureOf(1, { kind: "check" }));

  expect(JSON.parse(JSON.stringify(life.state()))).toEqual(life.state());
});

test("S2: a duration can be told of a status whose dates came back from JSON as strings", () => {
  const status = {
    ...markAgentComplete(createAgentStatus("a", "t", "t.log")),
    startTime: new Date(1_000),
    endTime: new Date(3_500),
  };

  expect(calculateAgentDuration(JSON.parse(JSON.stringify(status)))).toBe(2_500);
});

test("S3: what was running when its engine died does not stay running: it is ready for the next attempt", () => {
  const life = leads(taskOf());
  life.does(0, release, claimOf(), { type: "lose", attempt: 1, reason: "its engine died" });

  expect(life.state()).toMatchObject({ phase: "ready", attempt: 1, workerId: null });
  expect(isHeld(life.state())).toBe(false);
});

test("S5: a restored task that is running cannot be started a second time", () => {
  const life = leads(taskOf());
  life.does(0, release, claimOf());
  const restored = life
    .events()
    .reduce((state: TaskState, event) => evolve(state, event, 0), submitted(taskOf()));

  expect(restored).toEqual(life.state());
  expect(life.asks(0, claimOf())).toEqual({ ok: false, refusal: "not-ready" });
});

test("C3: an attempt that timed out cannot succeed afterwards, and its task keeps one end", () => {
  const life = leads(taskOf());
  life.does(50, release, claimOf(1), failureOf(1, { kind: "timeout", reason: "timed out after 50 ms" }));

  expect(life.asks(60, answered)).toEqual({ ok: false, refusal: "ended" });
  expect(life.asks(60, { type: "succeed", attempt: 1 })).toEqual({ ok: false, refusal: "ended" });
  expect(resultOf(life.state()).status).toBe("failure");
});

test("C4: the result of a task that timed out names the task, its agent and the reason", () => {
  const life = leads(taskOf({ taskId: "slow" }));
  life.does(50, release, claimOf(1), failureOf(1, { kind: "timeout", reason: "timed out after 50 ms" }));

  expect(resultOf(life.state())).toMatchObject({
    taskId: "slow",
    agentId: "a",
    reason: "timed out after 50 ms",
  });
});

test("C6: results of a batch that failed fast are all in its sum, the cancelled ones among them", () => {
  const aggregated = aggregateResults([
    createFarmResult("done", "a", "success", "ok", { verdict: "unverified" }),
    createFarmResult("broken", "a", "failure", "boom", { verdict: "failed" }),
    createFarmResult("stopped", "a", "failure", "", { verdict: "cancelled" }),
    createFarmResult("never", "none", "blocked", "", { verdict: "cancelled" }),
  ]);

  expect(aggregated.summary).toBe("4 tasks: 1 succeeded, 2 failed, 1 blocked (2 of them cancelled)");
  expect(aggregated.results.map(({ taskId }) => taskId)).toEqual(["done", "broken", "stopped", "never"]);
});

test.each(["C7", "C8"])("%s: an empty batch is no success", () => {
  const aggregated = aggregateResults([]);

  expect(aggregated.summary).toBe("No tasks completed");
  expect(isOverallSuccess(aggregated)).toBe(false);
});

test("C9: when every capable agent is full the task waits for a slot and is not blocked", () => {
  const task = taskOf();
  const agents = ["general-purpose", "bash"].map((agentId) => ({
    agentId,
    capabilities: ["test" as const],
    commands: false,
    prose: true,
    maxConcurrent: 4,
  }));
  const life = leads(task);
  life.does(0, release);

  expect(chooseAgent(agents, demandOf(task, 0), () => 0)).toBeUndefined();
  expect(life.state().phase).toBe("ready");
  expect(chooseAgent(agents, demandOf(task, 0), ({ agentId }) => (agentId === "bash" ? 1 : 0))?.agentId).toBe(
    "bash",
  );
});

test("C10: dependencies, retries with backoff, quotas and cancellation are part of a task's life", () => {
  const waiting = leads(taskOf({ dependsOn: ["d"], retry: { maxAttempts: 2, backoff: 100 } }));
  waiting.does(0, { type: "release", open: 1 });
  expect(waiting.asks(0, claimOf()).ok).toBe(false);

  waiting.does(0, release, claimOf(), failureOf(1));
  expect(waiting.state()).toMatchObject({ phase: "retry-wait", notBefore: 100 });

  waiting.does(100, { type: "wake" }, claimOf(), failureOf(2, { kind: "quota", retryAt: 500 }));
  expect(waiting.state()).toMatchObject({ phase: "quota-wait", notBefore: 500 });

  waiting.does(200, { type: "cancel", reason: "no longer wanted" });
  expect(waiting.state().end?.verdict).toBe("cancelled");
});

test("C11: one task is not claimed twice at once", () => {
  const life = leads(taskOf());
  life.does(0, release, claimOf());

  expect(life.asks(0, { type: "claim", agentId: "b", workerId: "w2", maxAttempts: 1 }).ok).toBe(false);
});

test("C12: priority orders all that is ready, and what waits long enough goes before newcomers", () => {
  const dayMs = 24 * 60 * 60_000;
  const key = (priority: "high" | "low", readyAt: number, sequence: number) => ({
    serveDay: serveDayOf(priority, readyAt),
    behindMs: 0,
    sequence,
  });

  expect(compareKeys(key("high", 0, 2), key("low", 0, 1))).toBeLessThan(0);
  expect(compareKeys(key("low", 0, 1), key("high", 3 * dayMs, 2))).toBeLessThan(0);
});

test("G1: three tasks of one agent at once have three statuses, each found by its task", () => {
  const registry = new AgentRegistry();
  for (const taskId of ["t1", "t2", "t3"])
    registry.set("explore", createAgentStatus("explore", taskId, `${taskId}.log`));

  expect(registry.size).toBe(3);
  expect(registry.getActive()).toHaveLength(3);
  for (const taskId of ["t1", "t2", "t3"]) expect(registry.getByTask(taskId)?.taskId).toBe(taskId);
});

test("G2: a task that failed for good is not run again and has one end", () => {
  const life = leads(taskOf());
  life.does(0, release, claimOf(1), failureOf(1));

  for (const command of [release, claimOf(1), { type: "wake" } as const]) {
    expect(life.asks(9_999, command)).toEqual({ ok: false, refusal: "ended" });
  }
  expect(life.events().filter(({ type }) => type === "task.failed")).toHaveLength(1);
});

test("G3: the event of a failure carries its result", () => {
  const result = createFarmResult("t", "a", "failure", "boom");

  expect(createTaskFailedEvent("t", "boom", result)).toEqual({
    type: "task_failed",
    taskId: "t",
    error: "boom",
    result,
  });
});

test("G4: what the registry hands out is not what it keeps", () => {
  const registry = new AgentRegistry();
  registry.set("a", createAgentStatus("a", "t", "t.log"));
  const [copy] = registry.getAll();
  if (copy !== undefined) copy.status = "failed";

  expect(registry.get("a")?.status).toBe("queued");
});

test("the report of a batch says which task failed, which the original's did not", () => {
  const report = formatResultsMarkdown(
    aggregateResults([
      createFarmResult("unit", "bash", "failure", "", { verdict: "failed", reason: "npm test exited 1" }),
    ]),
  );

  expect(report).toContain("| unit | failure | failed | npm test exited 1 |");
});
