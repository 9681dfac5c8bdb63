import { expect, test } from "vitest";
import { taskOf, wait, world } from "./support/world.ts";

const failed = (reason: string): object => ({
  outcome: { type: "failed", reason, kind: "task", output: "", usage: { costUsd: null } },
});

test("failFast cancels what has not started and what runs, at the first failure", async () => {
  const behave = ({ taskId }: { taskId: string }): object =>
    taskId === "bad" ? { durationMs: 10, ...failed("no") } : { durationMs: 100, stopMs: 5 };
  const { submit, drive, told, state } = world({ agents: [{ id: "a", maxConcurrent: 2, behave }] });
  await submit([taskOf("bad"), taskOf("running"), taskOf("waiting")]);

  expect(await drive({ failFast: true })).toBe("ended");

  expect(told.filter((line) => line.startsWith("ended"))).toEqual([
    "ended bad failed @10",
    "ended waiting cancelled @10",
    "ended running cancelled @15",
  ]);
  expect((await state("waiting")).end?.reason).toBe("bad failed (fail-fast)");
  expect((await state("waiting")).attempt).toBe(0);
});

test("failFast does not fire at a task that is blocked", async () => {
  const { submit, drive, engine, told, clock } = world({
    agents: [{ id: "a", behave: () => ({ durationMs: 10 }) }],
  });
  await submit([taskOf("impossible"), taskOf("behind", { dependsOn: ["impossible"] }), taskOf("fine")]);
  const blocked = engine.block("run-1", "nobody can", ["impossible"]);

  await drive({ failFast: true });
  await clock.runUntil(blocked);

  expect(told.filter((line) => line.startsWith("ended"))).toEqual([
    "ended impossible blocked @0",
    "ended behind blocked @0",
    "ended fine unverified @10",
  ]);
});

test("a failure with tries left is no end: failFast waits for the last of them", async () => {
  const behave = ({ taskId }: { taskId: string }, attempt: number): object =>
    taskId === "shaky" && attempt === 1 ? { durationMs: 1, ...failed("once") } : { durationMs: 2_000 };
  const { submit, drive, ended } = world({ agents: [{ id: "a", maxConcurrent: 2, behave }] });
  await submit([taskOf("shaky", { retry: { maxAttempts: 2 } }), taskOf("other")]);

  await drive({ failFast: true });

  expect(ended.map((task) => task.end?.verdict)).toEqual(["unverified", "unverified"]);
});

test("C2, C3: the overall timeout is one for all, cancels what runs, and nothing succeeds after it", async () => {
  // The original gave each chunk its own: six tasks, two at a time, 50 ms took 152, and all then succeeded.
  const behave = (): object => ({ durationMs: 60, stopMs: 3 });
  const { submit, drive, told, state, clock } = world({ agents: [{ id: "a", maxConcurrent: 2, behave }] });
  await submit(["a", "b", "c", "d", "e", "f"].map((id) => taskOf(id)));

  expect(await drive({ timeoutMs: 50 })).toBe("ended");
  expect(clock.now()).toBe(53);
  clock.pass(10_000);

  const ends = told.filter((line) => line.startsWith("ended"));
  expect(ends).toHaveLength(6);
  expect(ends.every((line) => line.includes("cancelled"))).toBe(true);
  expect((await state("a")).end?.reason).toBe("overall timeout of 50ms");
});

test("a task's own timeout fails the attempt with its reason, and the agent is told to stop", async () => {
  const { submit, drive, state, told } = world({
    agents: [{ id: "a", behave: () => ({ durationMs: null }) }],
  });
  await submit([taskOf("slow", { timeout: 90_000 }), taskOf("next", { timeout: 1_000 })]);

  await drive();

  expect((await state("slow")).end).toMatchObject({ verdict: "failed", reason: "timed out after 1m 30s" });
  expect(told).toContain("ended slow failed @90000");
  expect(told).toContain("ended next failed @91000");
});

test("silence longer than idleTimeout fails the attempt; every report starts the wait anew", async () => {
  const reports = [1, 2, 3].map((second) => ({ afterMs: second * 900, report: {} }));
  const { submit, drive, state, told } = world({
    agents: [{ id: "a", behave: () => ({ durationMs: null, reports }) }],
  });
  await submit([taskOf("quiet", { idleTimeout: 1_000 })]);

  await drive();

  expect((await state("quiet")).end?.reason).toBe("silent for 1.0s");
  expect(told.at(-1)).toBe("ended quiet failed @3700");
});

test("retries wait twice as long each time, and each attempt is told why the last one failed", async () => {
  const heard: (string | null)[] = [];
  const { submit, drive, told, state } = world({
    agents: [
      {
        id: "a",
        behave: (_task, attempt, asked) => {
          heard.push(asked.feedback);
          return attempt < 4 ? { durationMs: 10, ...failed(`try ${attempt}`) } : { durationMs: 10 };
        },
      },
    ],
  });
  await submit([taskOf("t", { retry: { maxAttempts: 4, backoff: 100 } })]);

  await drive();

  expect(told).toEqual([
    "started t#1 @0",
    "started t#2 @110",
    "started t#3 @320",
    "started t#4 @730",
    "ended t unverified @740",
  ]);
  expect(heard).toEqual([null, "try 1", "try 2", "try 3"]);
  expect((await state("t")).failures).toBe(3);
});

test("a quota is waited for until it opens, uses up no attempt, and blocks no other task", async () => {
  const quota = { type: "failed", reason: "limit", kind: "quota", retryAt: 60_000, output: "", usage: {} };
  const { submit, drive, told, state } = world({
    agents: [
      {
        id: "a",
        behave: ({ taskId }, attempt) =>
          (taskId === "q" && attempt === 1 ? { outcome: quota } : { durationMs: 10 }) as object,
      },
    ],
  });
  await submit([taskOf("q", { priority: "high" }), taskOf("other")]);

  await drive();

  expect(told).toEqual([
    "started q#1 @0",
    "started other#1 @0",
    "ended other unverified @10",
    "started q#2 @60000",
    "ended q unverified @60010",
  ]);
  expect((await state("q")).failures).toBe(0);
});

test("cancelling a running task ends it only after its agent has settled", async () => {
  const { submit, start, engine, clock, told, state } = world({
    agents: [{ id: "a", behave: () => ({ durationMs: null, stopMs: 400 }) }],
  });
  await submit([taskOf("t")]);
  const { done } = start();
  await clock.runUntil(wait(clock, 100));

  await clock.runUntil(engine.cancel("run-1", "enough"));
  expect((await state("t")).phase).toBe("cancelling");
  expect(told).toEqual(["started t#1 @0"]);

  expect(await clock.runUntil(done)).toBe("ended");
  expect(told.at(-1)).toBe("ended t cancelled @500");
});

test("an agent that ignores the abort ends its task when it settles, and what it says then counts for nothing", async () => {
  const { submit, drive, state, told } = world({
    agents: [{ id: "a", behave: () => ({ durationMs: 5_000, stopMs: null }) }],
  });
  await submit([taskOf("t", { timeout: 1_000 })]);

  await drive();

  expect(told.at(-1)).toBe("ended t failed @5000");
  expect((await state("t")).end?.reason).toBe("timed out after 1.0s");
});

test("a function that never settles is given up five seconds after it was told to stop", async () => {
  const { submit, drive, state, told } = world({
    backend: "function",
    agents: [
      {
        id: "a",
        maxConcurrent: 1,
        behave: ({ taskId }) => (taskId === "t" ? { durationMs: null, stopMs: null } : {}),
      },
    ],
  });
  await submit([taskOf("t", { timeout: 1_000, retry: { maxAttempts: 1 } }), taskOf("u")]);

  await drive();

  expect((await state("t")).end?.reason).toBe("timed out after 1.0s");
  expect(told).toContain("ended t failed @6000");
  expect((await state("u")).end?.verdict).toBe("unverified");
});

test("an interruption is not counted and makes the task ready again, with the next attempt", async () => {
  const first = world({ agents: [{ id: "a", behave: () => ({ durationMs: null, stopMs: 30 }) }] });
  const { clock, store } = first;
  await first.submit([taskOf("t", { retry: { maxAttempts: 1, maxLost: 0 } }), taskOf("u")]);
  const { done } = first.start();
  await clock.runUntil(wait(clock, 10));

  await clock.runUntil(first.engine.interrupt("Ctrl-C"));

  expect(clock.now()).toBe(40);
  expect(await done).toBe("interrupted");
  expect(await first.state("t")).toMatchObject({ phase: "ready", attempt: 1, failures: 0, losses: 0 });

  const second = world({ clock, store, workerId: "worker-2" });
  await second.drive();
  expect(second.told).toContain("started t#2 @40");
  expect(second.ended.map((task) => task.end?.verdict)).toEqual(["unverified", "unverified"]);
});

test("an engine that was interrupted takes no more work", async () => {
  const { submit, drive, engine, clock, told } = world();
  await submit([taskOf("t")]);
  await clock.runUntil(engine.interrupt("over"));

  expect(await drive()).toBe("interrupted");
  expect(told).toEqual([]);
});

test("nothing waits on the clock once every drive is over", async () => {
  const { submit, drive, clock } = world();
  await submit([taskOf("t", { timeout: 60_000 }), taskOf("u", { idleTimeout: 60_000 })]);

  await drive({ timeoutMs: 3_600_000 });

  expect(clock.pending).toBe(0);
});
