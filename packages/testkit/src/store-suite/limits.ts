/** How many attempts may run, and what waits for its time. */
import type { Claim } from "mai-orchestration-engine";
import { expect } from "vitest";
import { answerOf, first, idsOf, offerOf, type Scene, type Sentence, taskOf, workerOf } from "./scene.ts";

const quarterMs = 15 * 60_000;

function tasks(count: number, prefix = "t"): ReturnType<typeof taskOf>[] {
  return Array.from({ length: count }, (_, index) => taskOf(`${prefix}${index}`));
}

export function describeLimits(sentence: Sentence): void {
  sentence("an agent's cap counts all runs and all workers", async ({ submit, claim, succeed }) => {
    await submit(tasks(5));
    await submit(tasks(5), { runId: "run-2" });
    const offers = [offerOf({ maxConcurrent: 3, free: 3 })];

    const mine = await claim({ offers, slots: 2 });
    const theirs = await claim({
      offers,
      worker: workerOf("worker-2"),
      scopes: [{ runId: "run-2", slots: 9 }],
    });
    expect([mine.length, theirs.length]).toEqual([2, 1]);
    expect(await claim({ offers })).toEqual([]);
    await succeed(first(theirs));
    expect(await claim({ offers })).toHaveLength(1);
  });

  sentence("a worker gets no more than the slots it has free", async ({ submit, claim }) => {
    await submit(tasks(5));

    expect(await claim({ offers: [offerOf({ free: 2 })] })).toHaveLength(2);
    expect(await claim({ offers: [offerOf({ free: 0 })] })).toHaveLength(0);
    expect(await claim({ offers: [] })).toHaveLength(0);
    expect(await claim({ slots: 0 })).toHaveLength(0);
    expect(await claim({ slots: 1 })).toHaveLength(1);
  });

  sentence("a run's parallel counts all workers, and no other run", async ({ submit, claim, succeed }) => {
    await submit(tasks(5), { parallel: 2 });
    await submit(tasks(5), { runId: "run-2" });

    const mine = await claim({ slots: 1 });
    const theirs = await claim({ worker: workerOf("worker-2") });
    expect([mine.length, theirs.length]).toEqual([1, 1]);
    expect(await claim()).toEqual([]);
    expect(await claim({ scopes: [{ runId: "run-2", slots: 9 }] })).toHaveLength(5);
    await succeed(first(mine));
    expect(await claim()).toHaveLength(1);
  });

  sentence(
    "slots stay taken while an attempt is checked or dies",
    async ({ store, submit, claim, succeed }) => {
      await submit([taskOf("a", { verify: [{ command: "true" }] }), ...tasks(3)], { parallel: 2 });
      const offers = [offerOf({ maxConcurrent: 2, free: 2 })];
      const [a, t0] = await claim({ offers });
      if (a === undefined || t0 === undefined) throw new Error("Two were to start");
      await store.append(a, { type: "answer", answer: answerOf() });
      await store.cancel("run-1", "no longer wanted", [t0.taskId]);

      expect(await claim({ offers })).toEqual([]);
      await store.settle(t0, { type: "cancelled" });
      const next = await claim({ offers });
      expect(next).toHaveLength(1);
      await succeed(first(next));
    },
  );

  describeSharedLimits(sentence);
}

function describeSharedLimits(sentence: Sentence): void {
  sentence("handles on the same data share every limit", async ({ store, submit, claim, reopen }) => {
    if (reopen === undefined) return;
    await submit(tasks(10), { parallel: 4 });
    const other = await reopen();
    const offers = [offerOf({ maxConcurrent: 3, free: 3 })];
    const request = {
      worker: workerOf("worker-2"),
      scopes: [{ runId: "run-1", slots: 9 }],
      offers,
      idle: true,
    };

    const mine = await claim({ offers, slots: 2 });
    const { claims } = await other.claim(request);
    const ids = [...idsOf(mine), ...idsOf(claims)];
    expect(ids).toEqual(["t0", "t1", "t2"]);
    expect(await store.held("run-1")).toEqual(await other.held("run-1"));
    await other.close();
  });
}

async function loseAll(scene: Scene, times: number): Promise<void> {
  for (let lost = 0; lost < times; lost++) {
    const one = first(
      await scene.claim({ scopes: [{ runId: "run-1", slots: 1, only: new Set(["killer"]) }] }),
    );
    await scene.store.settle(one, { type: "lost", reason: "its engine died" });
  }
}

export function describeWaits(sentence: Sentence): void {
  sentence("a failed attempt is tried again at its time and not before", async (scene) => {
    const { store, submit, claim, fail, clock, state } = scene;
    await submit([taskOf("a", { retry: { maxAttempts: 3, backoff: 2_000 } })]);
    await fail(first(await claim()));

    expect(await state("a")).toMatchObject({
      phase: "retry-wait",
      notBefore: clock.now() + 2_000,
      workerId: null,
    });
    expect((await store.counts("run-1")).nextWakeAt).toBe(clock.now() + 2_000);
    clock.pass(1_999);
    expect(await claim()).toEqual([]);
    clock.pass(1);
    expect(first(await claim())).toMatchObject({ taskId: "a", attempt: 2 });
    expect((await store.counts("run-1")).nextWakeAt).toBeNull();
  });

  sentence("a quota is waited for until it opens, or is probed every quarter of an hour", async (scene) => {
    const { submit, claim, fail, clock, state } = scene;
    await submit([taskOf("told"), taskOf("untold")]);
    const [told, untold] = await claim();
    if (told === undefined || untold === undefined) throw new Error("Both were to start");
    await fail(told, { kind: "quota", retryAt: clock.now() + 5_000.5 });
    await fail(untold, { kind: "quota" });

    expect(await state("told")).toMatchObject({ phase: "quota-wait", failures: 0 });
    clock.pass(5_000);
    expect(await claim()).toEqual([]);
    clock.pass(1);
    expect(idsOf(await claim())).toEqual(["told"]);
    clock.pass(quarterMs - 5_002);
    expect(await claim()).toEqual([]);
    clock.pass(1);
    expect(idsOf(await claim())).toEqual(["untold"]);
  });

  sentence("a claim says when the next waiting task may be tried, of any run", async (scene) => {
    const { store, submit, claim, fail, clock } = scene;
    await submit([taskOf("a", { retry: { maxAttempts: 2, backoff: 9_000.25 } })]);
    await submit([taskOf("b", { retry: { maxAttempts: 2, backoff: 3_000 } })], { runId: "run-2" });
    await fail(first(await claim()));
    await fail(first(await claim({ scopes: [{ runId: "run-2", slots: 1 }] })));
    const request = { worker: workerOf("worker-1"), scopes: [], offers: [offerOf()], idle: true };

    expect((await store.claim(request)).nextWakeAt).toBe(clock.now() + 3_000);
    await store.cancel("run-2", "no longer wanted");
    expect((await store.claim(request)).nextWakeAt).toBeGreaterThanOrEqual(clock.now() + 9_000.25);
    clock.pass(9_001);
    expect((await store.claim(request)).nextWakeAt).toBeNull();
  });

  describeAlone(sentence);
}

function describeAlone(sentence: Sentence): void {
  sentence(
    "a task that died too often waits until its engine is idle, and nothing starts beside it",
    async (scene) => {
      const { submit, claim } = scene;
      await submit([taskOf("killer", { retry: { maxLost: 2 }, priority: "high" }), taskOf("a"), taskOf("b")]);
      await loseAll(scene, 2);

      expect(await claim({ idle: false })).toEqual([]);
      const alone: readonly Claim[] = await claim({ idle: true });
      expect(idsOf(alone)).toEqual(["killer"]);
    },
  );

  sentence("a task that must run alone ends when it is lost once more", async (scene) => {
    const { submit, claim, standing, store, state } = scene;
    await submit([taskOf("killer", { retry: { maxLost: 1 } }), taskOf("after", { dependsOn: ["killer"] })]);
    await loseAll(scene, 1);
    expect((await state("killer")).losses).toBe(1);
    await store.settle(first(await claim()), { type: "lost", reason: "its engine died" });

    expect(await standing()).toEqual({ killer: "failed", after: "blocked" });
  });
}
