import { taskTypes } from "mai-orchestration-core";
import { VirtualClock } from "mai-orchestration-testkit";
import { expect, test } from "vitest";
import { memoryStore } from "../src/index.ts";
import { peakOf, runId, taskOf, type World, wait, world } from "./support/world.ts";

interface Pair {
  readonly clock: VirtualClock;
  readonly first: World;
  readonly second: World;
}

/** Two engines over one store, each with agents of the same name. */
function pair(durationMs: number, maxConcurrent: number): Pair {
  const clock = new VirtualClock();
  const store = memoryStore(clock);
  const options = { clock, store, agents: [{ id: "a", maxConcurrent, behave: () => ({ durationMs }) }] };
  return {
    clock,
    first: world({ ...options, workerId: "worker-1" }),
    second: world({ ...options, workerId: "worker-2" }),
  };
}

const many = Array.from({ length: 20 }, (_, index) => taskOf(`t${index}`));

test("two engines that drive one run never exceed an agent's cap together", async () => {
  const { clock, first, second } = pair(100, 3);
  await first.submit(many);

  const ends = await clock.runUntil(Promise.all([first.start().done, second.start().done]));

  expect(ends).toEqual(["ended", "ended"]);
  expect(peakOf(await first.journal())).toBe(3);
  // Each end is told by the engine that made it, and once.
  expect(first.ended.length + second.ended.length).toBe(20);
});

test("the run's own limit holds over all engines that drive it", async () => {
  const { clock, first, second } = pair(100, 10);
  await first.submit(many, 2);

  await clock.runUntil(Promise.all([first.start().done, second.start().done]));

  expect(peakOf(await first.journal())).toBe(2);
});

test("a drive of named tasks that another engine does is told of their ends, once each", async () => {
  const { clock, first, second } = pair(100, 1);
  await first.submit([taskOf("x"), taskOf("y")]);

  const both = [first.start().done, second.start({ only: ["x", "y"] }).done];
  await clock.runUntil(Promise.all(both));

  for (const { ended } of [first, second]) {
    const ids = ended.map((task) => task.spec.taskId);
    expect(new Set(ids).size).toBe(ids.length);
  }
  expect(second.ended.map((task) => task.spec.taskId).sort()).toEqual(["x", "y"]);
});

test("tasks that had ended before are told once to a drive of them", async () => {
  const { submit, drive, ended } = world();
  await submit([taskOf("x"), taskOf("y")]);
  await drive();
  expect(ended).toHaveLength(2);

  expect(await drive({ only: ["x", "y"] })).toBe("ended");

  expect(ended).toHaveLength(4);
});

test("another engine's cancellation reaches what runs here", async () => {
  const { clock, first, second } = pair(60_000, 1);
  await first.submit([taskOf("t")]);
  const { done } = first.start();
  await clock.runUntil(wait(clock, 10));

  await clock.runUntil(second.engine.cancel("run-1", "enough"));
  expect(await clock.runUntil(done)).toBe("ended");

  expect(first.ended[0]?.end).toMatchObject({ verdict: "cancelled", reason: "enough" });
  expect(clock.now()).toBeLessThanOrEqual(5_010);
});

test("what a dead engine held is reclaimed once its processes are gone", async () => {
  const { clock, first } = pair(60_000, 2);
  await first.submit([taskOf("t"), taskOf("u")]);
  void first.start();
  await clock.runUntil(wait(clock, 10));

  const reaped: string[] = [];
  const survivor = world({
    clock,
    store: first.store,
    workerId: "worker-2",
    custody: {
      isDead: ({ workerId }) => workerId === "worker-1",
      reap: async (mark) => {
        await wait(clock, 100);
        reaped.push(mark);
      },
    },
  });
  await survivor.drive();

  expect(reaped).toEqual(["run-1/t/1", "run-1/u/1"]);
  expect(survivor.told.filter((line) => line.startsWith("started"))).toContain("started t#2 @210");
  expect(await survivor.state("t")).toMatchObject({ losses: 1, end: { verdict: "unverified" } });
});

test("a task that was being cancelled when its engine died is cancelled, not tried again", async () => {
  const { clock, first } = pair(60_000, 2);
  await first.submit([taskOf("t")]);
  void first.start();
  await clock.runUntil(wait(clock, 10));
  await clock.runUntil(first.store.cancel("run-1", "enough"));

  const survivor = world({
    clock,
    store: first.store,
    workerId: "worker-2",
    custody: { isDead: () => true },
  });
  await survivor.drive({ only: ["t"] });

  expect((await survivor.state("t")).end?.verdict).toBe("cancelled");
});

test("after max_lost a task is tried alone, and losing that try too is its end", async () => {
  const clock = new VirtualClock();
  const store = memoryStore(clock);
  const hang = {
    clock,
    store,
    agents: [{ id: "a", maxConcurrent: 3, behave: () => ({ durationMs: null }) }],
  };
  const tasks = [taskOf("killer", { retry: { maxLost: 1 } }), taskOf("x"), taskOf("y")];
  await world(hang).submit(tasks);

  // The first engine dies under all three, the second under the killer, which ran alone.
  const dead = new Set<string>();
  const isDead = ({ workerId }: { workerId: string }): boolean => dead.has(workerId);
  const first = world({ ...hang, workerId: "w1", custody: { isDead } });
  void first.start();
  await clock.runUntil(wait(clock, 10));
  dead.add("w1");
  const second = world({ ...hang, workerId: "w2", custody: { isDead } });
  void second.start({ only: ["killer"] });
  await clock.runUntil(wait(clock, 10));
  expect(second.told.map((line) => line.split(" @")[0])).toEqual(["started killer#2"]);
  dead.add("w2");

  const quick = [{ id: "a", maxConcurrent: 3 }];
  const third = world({ clock, store, agents: quick, workerId: "w3", custody: { isDead } });
  await third.drive();

  expect((await third.state("killer")).end).toMatchObject({ verdict: "failed" });
  expect((await third.state("killer")).end?.reason).toMatch(/died during 2 attempts, the last of them alone/);
  expect((await third.state("x")).end?.verdict).toBe("unverified");
});

test("beside a task that runs alone nothing starts, and after it everything does", async () => {
  const clock = new VirtualClock();
  const store = memoryStore(clock);
  const hang = {
    clock,
    store,
    agents: [{ id: "a", maxConcurrent: 3, behave: () => ({ durationMs: null }) }],
  };
  const first = world({ ...hang, workerId: "w1" });
  await first.submit([
    taskOf("killer", { retry: { maxLost: 1 }, priority: "high" }),
    taskOf("x"),
    taskOf("y"),
  ]);
  void first.start({ only: ["killer"] });
  await clock.runUntil(wait(clock, 10));

  const behave = (): object => ({ durationMs: 100 });
  const agents = [{ id: "a", maxConcurrent: 3, behave }];
  const custody = { isDead: ({ workerId }: { workerId: string }) => workerId === "w1" };
  const second = world({ clock, store, agents, workerId: "w2", custody });
  await second.drive();

  const starts = second.told.filter((line) => line.startsWith("started"));
  expect(starts).toEqual(["started killer#2 @10", "started x#1 @110", "started y#1 @110"]);
});

test.each([
  ["the whole run", {}],
  ["named tasks", { only: ["bad", "next"] }],
])(
  "failFast over %s holds although the engine that saw the failure died before it could cancel the rest",
  async (_what, limits) => {
    const clock = new VirtualClock();
    const store = memoryStore(clock);
    const agents = [{ id: "a" }];
    const first = world({ clock, store, agents, workerId: "worker-1" });
    const second = world({ clock, store, agents, workerId: "worker-2" });
    await first.submit([taskOf("bad"), taskOf("next")]);
    const worker = { workerId: "worker-0", pid: 2, started: "worker-0", host: "here" };
    const offers = [
      { agentId: "a", capabilities: taskTypes, commands: false, prose: true, maxConcurrent: 1 },
    ].map((capacity) => ({ ...capacity, free: 1, maxAttemptsFor: () => 1 }));
    const scopes = [{ runId, slots: 1, only: new Set(["bad"]) }];
    const { claims } = await clock.runUntil(store.claim({ worker, scopes, offers, idle: true }));
    const failed = { type: "failed", reason: "boom", kind: "permanent", answer: null } as const;
    for (const claim of claims) {
      await clock.runUntil(store.settle(claim, { ...failed, feedback: null, retryAt: null }));
    }

    expect(await second.drive({ failFast: true, ...limits })).toBe("ended");

    expect((await second.state("next")).end?.verdict).toBe("cancelled");
  },
);
