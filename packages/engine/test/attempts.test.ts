import type { Check, Receipt } from "mai-orchestration-core";
import { noUsage } from "mai-orchestration-core";
import { expect, test } from "vitest";
import type { Agent, AgentOutcome } from "../src/index.ts";
import { receiptOf, runId, taskOf, wait, world } from "./support/world.ts";

const answered: AgentOutcome = { type: "answered", output: "done", usage: noUsage };

function agentOf(run: Agent["run"]): Agent {
  return {
    agentId: "own",
    backend: "own",
    capabilities: ["test"],
    commands: false,
    prose: true,
    maxConcurrent: 1,
    maxAttemptsFor: () => 1,
    run,
  };
}

test("a check that passes makes the result verified, and its receipt is kept", async () => {
  const { submit, drive, state } = world();
  await submit([taskOf("t", { verify: [{ command: "npm test" }] })]);

  await drive();

  expect(await state("t")).toMatchObject({
    end: { verdict: "verified" },
    receipts: [{ command: "npm test", passed: true }],
  });
});

test("a failing check's output is handed to the next attempt, which can still pass", async () => {
  const heard: (string | null)[] = [];
  let runs = 0;
  const runCheck = async ({ command }: Check): Promise<Receipt> =>
    ++runs === 1 ? receiptOf(command, false, "2 tests failed") : receiptOf(command, true);
  const { submit, drive, state } = world({
    runCheck,
    agents: [
      {
        id: "a",
        maxAttempts: 2,
        behave: (_task, _attempt, asked) => {
          heard.push(asked.feedback);
          return {};
        },
      },
    ],
  });
  await submit([taskOf("t", { verify: [{ command: "npm test" }] })]);

  await drive();

  expect(heard).toEqual([null, "check failed: npm test exited with 1\n\n2 tests failed"]);
  expect(await state("t")).toMatchObject({
    attempt: 2,
    end: { verdict: "verified" },
    receipts: [{ passed: true }],
  });
});

test("the first check that fails is the last that runs, and without tries left the task fails by it", async () => {
  const seen: string[] = [];
  const runCheck = async ({ command }: Check): Promise<Receipt> => {
    seen.push(command);
    return receiptOf(command, command !== "two");
  };
  const { submit, drive, state } = world({ runCheck });
  await submit([taskOf("t", { verify: [{ command: "one" }, { command: "two" }, { command: "three" }] })]);

  await drive();

  expect(seen).toEqual(["one", "two"]);
  expect((await state("t")).end).toMatchObject({
    verdict: "failed",
    reason: "check failed: two exited with 1",
  });
});

test("no more checks run at once than there are places, and an attempt holds its slot until they end", async () => {
  let running = 0;
  let peak = 0;
  const { clock, submit, drive, told } = world({
    checkSlots: 2,
    agents: [{ id: "a", maxConcurrent: 4 }],
    runCheck: async ({ command }) => {
      peak = Math.max(peak, ++running);
      await wait(clock, 10);
      running--;
      return receiptOf(command, true);
    },
  });
  await submit(["a", "b", "c", "d", "e"].map((id) => taskOf(id, { verify: [{ command: "x" }] })));

  await drive();

  expect(peak).toBe(2);
  expect(told.filter((line) => line.startsWith("started")).map((line) => line.split("@")[1])).toEqual([
    ...["0", "0", "0", "0", "10"],
  ]);
  expect(told.at(-1)).toContain("@30");
});

test("an attempt that waits for a place for its check is cancelled at once, and its check never begins", async () => {
  const seen: string[] = [];
  const { clock, engine, submit, start, state } = world({
    checkSlots: 1,
    agents: [{ id: "a", maxConcurrent: 2 }],
    runCheck: async ({ command }) => {
      seen.push(command);
      await wait(clock, 600_000);
      return receiptOf(command, true);
    },
  });
  await submit([
    taskOf("slow", { verify: [{ command: "slow" }] }),
    taskOf("waits", { verify: [{ command: "waits" }] }),
  ]);
  const { done } = start();
  await clock.runUntil(wait(clock, 1_000));

  await clock.runUntil(engine.cancel(runId, "no longer wanted", ["waits"]));
  await clock.runUntil(wait(clock, 1_000));

  expect((await state("waits")).end).toMatchObject({ verdict: "cancelled", at: clock.now() - 1_000 });
  await clock.runUntil(done);
  expect(seen).toEqual(["slow"]);
});

test("a task's timeout bounds the agent and not its checks", async () => {
  const { clock, submit, drive, state } = world({
    agents: [{ id: "a", behave: () => ({ durationMs: 900 }) }],
    runCheck: async ({ command }) => {
      await wait(clock, 5_000);
      return receiptOf(command, true);
    },
  });
  await submit([taskOf("t", { timeout: 1_000, verify: [{ command: "x" }] })]);

  await drive();

  expect((await state("t")).end?.verdict).toBe("verified");
});

test("progress is journalled once a second, and what was said last in any case", async () => {
  const reports = Array.from({ length: 50 }, (_, index) => ({
    afterMs: index * 50,
    report: { progress: index },
  }));
  const { submit, drive, told, state } = world({
    agents: [{ id: "a", behave: () => ({ durationMs: 2_460, reports }) }],
  });
  await submit([taskOf("t")]);

  await drive();

  expect(told.filter((line) => line.includes("%"))).toEqual([
    "0% t @0",
    "20% t @1000",
    "40% t @2000",
    "49% t @2460",
  ]);
  expect((await state("t")).progress).toBe(49);
});

test("what is no number is no progress, what is out of range is brought into it", async () => {
  const said = [Number.NaN, -5, 250].map((progress, index) => ({
    afterMs: index * 1_000,
    report: { progress },
  }));
  const { submit, drive, told } = world({
    agents: [{ id: "a", behave: () => ({ durationMs: 4_000, reports: said }) }],
  });
  await submit([taskOf("t")]);

  await drive();

  expect(told.filter((line) => line.includes("%"))).toEqual(["0% t @1000", "100% t @2000"]);
});

test("a report after the agent has settled is dropped", async () => {
  const reports = [{ afterMs: 50, report: { progress: 90 } }];
  const { submit, drive, told, clock, journal } = world({
    agents: [{ id: "a", behave: () => ({ durationMs: 10, reports }) }],
  });
  await submit([taskOf("t")]);

  await drive();
  clock.pass(5_000);

  expect(told.some((line) => line.includes("%"))).toBe(false);
  expect((await journal()).at(-1)?.type).toBe("task.succeeded");
});

test("an agent that rejects fails its attempt and nothing else", async () => {
  const { submit, drive, state } = world({
    agents: [{ id: "a", behave: ({ taskId }) => (taskId === "bad" ? { reject: new Error("oops") } : {}) }],
  });
  await submit([taskOf("bad"), taskOf("good")]);

  expect(await drive()).toBe("ended");

  expect((await state("bad")).end).toMatchObject({ verdict: "failed", reason: "oops" });
  expect((await state("good")).end?.verdict).toBe("unverified");
});

test.each([undefined, null, 42, {}, { type: "answered", output: 7 }])(
  "an agent that resolves %j instead of an outcome fails its attempt and not the engine",
  async (garbage) => {
    const { submit, drive, state } = world({
      agents: [],
      others: [agentOf(async () => garbage as unknown as AgentOutcome)],
    });
    await submit([taskOf("t")]);

    expect(await drive()).toBe("ended");
    expect((await state("t")).end).toMatchObject({ verdict: "failed", reason: "own gave no outcome" });
  },
);

test("a check that breaks its contract and rejects fails its task and not the engine", async () => {
  const { submit, drive, state } = world({
    runCheck: async () => {
      throw new Error("no shell");
    },
  });
  await submit([taskOf("t", { verify: [{ command: "x" }] }), taskOf("u")]);

  expect(await drive()).toBe("ended");
  expect((await state("t")).end).toMatchObject({ verdict: "failed", reason: "no shell" });
  expect((await state("u")).end?.verdict).toBe("unverified");
});

test("a place that cannot be made fails the task at once, with the cause", async () => {
  const { submit, drive, state } = world({
    workplace: {
      prepare: async () => {
        throw new Error("ENOSPC: no space left on device");
      },
    },
  });
  await submit([taskOf("t", { retry: { maxAttempts: 5 } })]);

  await drive();

  expect((await state("t")).end?.reason).toBe(
    "its place to work could not be made: ENOSPC: no space left on device",
  );
});

test("an output too long for the store is cut in the middle and kept in a file", async () => {
  const output = `begin${"x".repeat(100_000)}end`;
  const { submit, drive, state } = world({
    agents: [{ id: "a", behave: () => ({ outcome: { ...answered, output } }) }],
  });
  await submit([taskOf("t")]);

  await drive();

  const { answer } = await state("t");
  expect(answer?.outputFile).toBe("/kept");
  expect(answer?.output.length).toBeLessThanOrEqual(64 * 1024);
  expect(answer?.output).toMatch(/^begin.*\[\.\.\. \d+ characters left out \.\.\.\].*end$/s);
});

test("a full disk costs the rest of a long output, and not the answer", async () => {
  const { submit, drive, state } = world({
    agents: [{ id: "a", behave: () => ({ outcome: { ...answered, output: "x".repeat(100_000) } }) }],
    workplace: {
      keep: async () => {
        throw new Error("ENOSPC");
      },
    },
  });
  await submit([taskOf("t")]);

  await drive();

  expect(await state("t")).toMatchObject({
    end: { verdict: "unverified" },
    answer: { outputFile: null, issues: ["the whole output could not be kept: ENOSPC"] },
  });
});

test("what a cancelled attempt has cost is kept", async () => {
  const usage = { ...noUsage, outputTokens: 7, costUsd: 0.5 };
  let stop: () => void = () => undefined;
  const run: Agent["run"] = (_task, { signal }) =>
    new Promise((resolve) => {
      stop = () => resolve({ ...answered, usage });
      signal.addEventListener("abort", () => stop());
    });
  const { submit, start, engine, clock, state } = world({ agents: [], others: [agentOf(run)] });
  await submit([taskOf("t")]);
  const { done } = start();
  await clock.runUntil(wait(clock, 5));

  await clock.runUntil(Promise.all([engine.cancel("run-1", "enough"), done]));

  expect(await state("t")).toMatchObject({ end: { verdict: "cancelled" }, usage: { costUsd: 0.5 } });
});

test("attempts that work in one directory at the same time say so", async () => {
  const behave = ({ taskId }: { taskId: string }): object => ({ durationMs: taskId === "late" ? 1 : 10 });
  const { submit, drive, state } = world({ agents: [{ id: "a", maxConcurrent: 2, behave }] });
  await submit([taskOf("x"), taskOf("y"), taskOf("late", { dependsOn: ["x", "y"] })]);

  await drive();

  expect((await state("x")).answer?.sharedWorkspace).toBe(true);
  expect((await state("y")).answer?.sharedWorkspace).toBe(true);
  expect((await state("late")).answer?.sharedWorkspace).toBe(false);
});
