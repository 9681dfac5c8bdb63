/** Ending attempts and tasks. */
import { expect } from "vitest";
import {
  answerOf,
  chainOf,
  failureOf,
  first,
  idsOf,
  offerOf,
  receiptOf,
  type Scene,
  type Sentence,
  taskOf,
  workerOf,
} from "./scene.ts";

export function describeSettle(sentence: Sentence): void {
  sentence(
    "succeeded: ends the task and says what became ready",
    async ({ submit, claim, succeed, state }) => {
      await submit([taskOf("a"), taskOf("b", { dependsOn: ["a"] }), taskOf("c")]);
      const [a, c] = await claim();
      if (a === undefined || c === undefined) throw new Error("Two were to start");

      expect(await succeed(c)).toMatchObject({ ok: true, readied: false });
      const settled = await succeed(a);
      expect(settled).toEqual({ ok: true, task: await state("a"), ended: [await state("a")], readied: true });
      expect(await state("a")).toMatchObject({
        phase: "ended",
        workerId: null,
        end: { verdict: "unverified" },
      });
      expect((await state("b")).phase).toBe("ready");
    },
  );

  sentence("succeeded: verified only when every check passed, otherwise refused", async (scene) => {
    const { store, submit, claim, state } = scene;
    await submit([taskOf("a", { verify: [{ command: "x" }, { command: "y" }] })]);
    const one = first(await claim());
    await store.append(one, { type: "answer", answer: answerOf() });
    await store.append(one, { type: "check", receipt: receiptOf("x", true) });

    expect(await store.settle(one, { type: "succeeded", answer: null })).toEqual({
      ok: false,
      refusal: "unproven",
    });
    await store.append(one, { type: "check", receipt: receiptOf("y", true) });
    expect((await store.settle(one, { type: "succeeded", answer: null })).ok).toBe(true);
    expect((await state("a")).end?.verdict).toBe("verified");
    expect((await state("a")).receipts).toHaveLength(2);
  });

  sentence("failed: waits for its next attempt until they are used up", async (scene) => {
    const { submit, claim, fail, clock, state, standing } = scene;
    await submit([taskOf("a"), taskOf("b", { dependsOn: ["a"] })]);
    const offers = [offerOf({ maxAttemptsFor: () => 2 })];
    const usage = { ...answerOf().usage, inputTokens: 5 };
    await fail(first(await claim({ offers })), { feedback: "try harder", answer: answerOf({ usage }) });
    expect(await state("a")).toMatchObject({
      phase: "retry-wait",
      failures: 1,
      feedback: "try harder",
      usage,
    });

    clock.pass(60_000);
    const settled = await fail(first(await claim({ offers })));
    expect(settled).toMatchObject({
      ok: true,
      readied: false,
      task: { end: { verdict: "failed", reason: "boom" } },
    });
    expect(settled.ok && settled.ended.map((task) => task.spec.taskId)).toEqual(["a", "b"]);
    expect(await standing()).toEqual({ a: "failed", b: "blocked" });
  });

  describeUnproven(sentence);
}

function describeUnproven(sentence: Sentence): void {
  sentence("failed: a permanent failure and a missing login are not tried again", async (scene) => {
    const { submit, claim, fail, standing } = scene;
    await submit(["permanent", "login"].map((id) => taskOf(id, { retry: { maxAttempts: 9 } })));
    for (const one of await claim()) await fail(one, { kind: one.taskId as "permanent" | "login" });

    expect(await standing()).toEqual({ permanent: "failed", login: "failed" });
  });

  sentence("lost: counts, and the task is ready again", async ({ store, submit, claim, state }) => {
    await submit([taskOf("a")]);
    const settled = await store.settle(first(await claim()), { type: "lost", reason: "its engine died" });

    expect(settled).toMatchObject({ ok: true, ended: [], readied: true });
    expect(await state("a")).toMatchObject({
      phase: "ready",
      losses: 1,
      failures: 0,
      attempt: 1,
      workerId: null,
    });
    expect(first(await claim()).attempt).toBe(2);
  });

  sentence(
    "interrupted: counts in no budget, and the task is ready again",
    async ({ store, submit, claim, state }) => {
      await submit([taskOf("a")]);
      await store.settle(first(await claim()), { type: "interrupted", reason: "Ctrl-C" });

      expect(await state("a")).toMatchObject({ phase: "ready", losses: 0, failures: 0, attempt: 1 });
      expect(idsOf(await claim())).toEqual(["a"]);
    },
  );

  sentence("cancelled: only what was asked to stop", async ({ store, submit, claim, standing }) => {
    await submit([taskOf("a")]);
    const one = first(await claim());

    expect(await store.settle(one, { type: "cancelled" })).toEqual({ ok: false, refusal: "not-cancelling" });
    await store.cancel("run-1", "no longer wanted");
    expect(await store.settle(one, { type: "cancelled" })).toMatchObject({ ok: true, readied: false });
    expect(await standing()).toEqual({ a: "cancelled" });
  });

  describeLateSettle(sentence);
}

function describeLateSettle(sentence: Sentence): void {
  sentence("an older attempt changes nothing; that it was refused is journalled", async (scene) => {
    const { store, submit, claim, succeed, state, journal } = scene;
    await submit([taskOf("a")]);
    const old = first(await claim());
    await store.settle(old, { type: "lost", reason: "thought dead" });
    const fresh = first(await claim({ worker: workerOf("worker-2") }));
    const before = await state("a");

    expect(await succeed(old)).toEqual({ ok: false, refusal: "stale-attempt" });
    expect(await state("a")).toEqual(before);
    expect((await journal()).at(-1)).toMatchObject({ type: "attempt.refused", attempt: 1, taskId: "a" });
    expect((await succeed(fresh)).ok).toBe(true);
    expect(await store.settle(fresh, failureOf())).toEqual({ ok: false, refusal: "ended" });
    expect((await journal()).at(-1)).toMatchObject({ type: "attempt.refused", attempt: 2 });
    expect((await state("a")).end?.verdict).toBe("unverified");
  });

  sentence("an attempt nobody started is refused", async ({ store, submit, journal }) => {
    await submit([taskOf("a")]);
    const ref = { runId: "run-1", taskId: "a", attempt: 1 };

    expect(await store.settle(ref, failureOf())).toMatchObject({ ok: false, refusal: "stale-attempt" });
    expect(await store.settle({ ...ref, taskId: "b" }, failureOf())).toMatchObject({ ok: false });
    expect(await store.settle({ ...ref, runId: "run-2" }, failureOf())).toMatchObject({ ok: false });
    expect((await journal()).at(-1)).toMatchObject({ type: "attempt.refused", taskId: "a", attempt: 1 });
    expect((await journal()).filter((entry) => entry.runId !== "run-1" || entry.taskId === "b")).toEqual([]);
  });
}

export function describeCancel(sentence: Sentence): void {
  sentence("cancel ends what waits and asks what runs to stop", async (scene) => {
    const { store, submit, claim, standing } = scene;
    await submit([
      taskOf("runs"),
      taskOf("ready", { priority: "low" }),
      taskOf("queued", { dependsOn: ["runs"] }),
    ]);
    await claim({ slots: 1 });
    const { ended, asked } = await store.cancel("run-1", "no longer wanted");

    expect(ended.map((task) => task.spec.taskId).sort()).toEqual(["queued", "ready"]);
    expect(asked.map((task) => task.spec.taskId)).toEqual(["runs"]);
    expect(await standing()).toEqual({ runs: "cancelling", ready: "cancelled", queued: "cancelled" });
  });

  sentence("cancel of a whole run cancels each task, also those that depend on others", async (scene) => {
    await scene.submit([taskOf("early", { dependsOn: ["t0"] }), ...chainOf(5)]);
    const { ended } = await scene.store.cancel("run-1", "no longer wanted");

    expect(new Set(ended.map((task) => task.spec.taskId)).size).toBe(6);
    expect(ended).toHaveLength(6);
    expect(new Set(Object.values(await scene.standing()))).toEqual(new Set(["cancelled"]));
  });

  sentence("cancel of some tasks blocks those that depend on them, and touches no others", async (scene) => {
    const { store, submit, standing } = scene;
    await submit([...chainOf(3), taskOf("other")]);
    const { ended, asked } = await store.cancel("run-1", "no longer wanted", ["t1", "t1", "unknown"]);

    expect(ended.map((task) => task.spec.taskId)).toEqual(["t1", "t2"]);
    expect(asked).toEqual([]);
    expect(await standing()).toEqual({ t0: "ready", t1: "cancelled", t2: "blocked", other: "ready" });
  });

  sentence("cancel can be repeated, and does nothing to what has ended", async (scene) => {
    const { store, submit, claim, succeed, standing, journal } = scene;
    await submit([taskOf("done"), taskOf("runs"), taskOf("ready")]);
    const [done] = await claim({ slots: 2 });
    if (done !== undefined) await succeed(done);
    await store.cancel("run-1", "no longer wanted");
    const before = await journal();
    const again = await store.cancel("run-1", "for another reason", ["done", "runs", "runs", "ready"]);

    expect(again.ended).toEqual([]);
    expect(again.asked.map((task) => task.spec.taskId)).toEqual(["runs"]);
    expect(await journal()).toEqual(before);
    expect(await standing()).toEqual({ done: "unverified", runs: "cancelling", ready: "cancelled" });
    expect(await store.cancel("unknown", "no longer wanted")).toEqual({ ended: [], asked: [] });
  });

  for (const type of ["failed", "lost", "interrupted", "cancelled"] as const) {
    sentence(`an attempt that was asked to stop and ends as ${type} is cancelled`, async (scene) => {
      const one = await cancelRunning(scene);
      const outcome =
        type === "failed" ? failureOf() : type === "cancelled" ? { type } : { type, reason: "gone" };
      await scene.store.settle(one, outcome);

      expect((await scene.state("a")).end).toMatchObject({
        verdict: "cancelled",
        reason: "no longer wanted",
      });
    });
  }

  describeBlock(sentence);
}

function describeBlock(sentence: Sentence): void {
  sentence("block ends what no agent can do, and leaves alone what runs", async (scene) => {
    const { store, submit, claim, standing } = scene;
    await submit([
      taskOf("runs", { priority: "high" }),
      taskOf("a"),
      taskOf("b", { dependsOn: ["a"] }),
      taskOf("c"),
    ]);
    await claim({ slots: 1 });
    const ended = await store.block("run-1", "no agent can do it", ["runs", "a", "a", "b", "unknown"]);

    expect(ended.map((task) => task.spec.taskId)).toEqual(["a", "b"]);
    expect(ended[0]?.end).toMatchObject({ verdict: "blocked", reason: "no agent can do it" });
    expect(await standing()).toEqual({ runs: "running", a: "blocked", b: "blocked", c: "ready" });
    expect(await store.block("run-1", "no agent can do it", ["a"])).toEqual([]);
  });
}

async function cancelRunning(scene: Scene): Promise<ReturnType<typeof first>> {
  await scene.submit([taskOf("a", { retry: { maxAttempts: 5 } })]);
  const one = first(await scene.claim());
  await scene.store.cancel("run-1", "no longer wanted");
  return one;
}
