/** What a running attempt says, and who holds it. */
import { expect } from "vitest";
import { answerOf, first, receiptOf, type Sentence, taskOf, workerOf } from "./scene.ts";

export function describeHoldings(sentence: Sentence): void {
  sentence("renew answers which claims are lost and which are to be cancelled", async (scene) => {
    const { store, submit, claim } = scene;
    await submit(["a", "b", "c", "d"].map((id) => taskOf(id)));
    const claims = await claim();
    const [a, b, c, d] = claims;
    if (a === undefined || b === undefined || c === undefined || d === undefined)
      throw new Error("Four were to start");
    await store.settle(a, { type: "lost", reason: "thought dead" });
    await store.cancel("run-1", "no longer wanted", ["b"]);
    await store.settle(d, { type: "succeeded", answer: answerOf() });
    const unknown = { runId: "run-9", taskId: "z", attempt: 1 };
    const refs = [...claims, unknown].map(({ runId, taskId, attempt }) => ({ runId, taskId, attempt }));
    const [refA, refB, , refD] = refs;

    expect(await store.renew(workerOf("worker-1"), refs)).toEqual({
      lost: [refA, refD, unknown],
      cancelled: [refB],
    });
    expect(await store.renew(workerOf("worker-1"), [])).toEqual({ lost: [], cancelled: [] });
  });

  sentence("a claim that was given to somebody else is lost to its first holder only", async (scene) => {
    const { store, submit, claim } = scene;
    await submit([taskOf("a")]);
    const old = first(await claim());
    await store.settle(old, { type: "lost", reason: "thought dead" });
    const fresh = first(await claim({ worker: workerOf("worker-2") }));

    expect((await store.renew(workerOf("worker-1"), [old])).lost).toEqual([old]);
    expect(await store.renew(workerOf("worker-2"), [fresh])).toEqual({ lost: [], cancelled: [] });
  });

  sentence("append keeps progress, answer and receipts of a running attempt", async (scene) => {
    const { store, submit, claim, state, journal } = scene;
    await submit([taskOf("a", { verify: [{ command: "x" }] })]);
    const one = first(await claim());
    const progress = { type: "progress" as const, progress: 40, message: "half\nway", sessionId: "s1" };
    expect(await store.append(one, progress)).toBe(true);
    expect(await store.append(one, { ...progress, progress: null, sessionId: null })).toBe(true);
    expect(await state("a")).toMatchObject({ phase: "running", progress: 40, sessionId: "s1" });

    const answer = answerOf({
      sessionId: "s2",
      usage: { ...answerOf().usage, outputTokens: null, costUsd: 0.25 },
    });
    expect(await store.append(one, { type: "answer", answer })).toBe(true);
    expect(await store.append(one, { type: "check", receipt: receiptOf("x", false) })).toBe(true);
    expect(await state("a")).toMatchObject({
      phase: "verifying",
      answer,
      sessionId: "s2",
      usage: answer.usage,
      receipts: [receiptOf("x", false)],
    });
    expect((await journal()).slice(-4).map((entry) => entry.type)).toEqual([
      "attempt.progressed",
      "attempt.progressed",
      "attempt.answered",
      "check.failed",
    ]);
  });

  describeHeld(sentence);
}

function describeHeld(sentence: Sentence): void {
  sentence(
    "append is refused for an attempt that is not held; of an answer the journal says so",
    async (scene) => {
      const { store, submit, claim, journal } = scene;
      await submit([taskOf("a")]);
      const one = first(await claim());
      await store.settle(one, { type: "interrupted", reason: "Ctrl-C" });
      const before = await journal();
      const progress = { type: "progress" as const, progress: 1, message: null, sessionId: null };
      const answer = { type: "answer" as const, answer: answerOf() };

      for (const note of [progress, answer]) {
        expect(await store.append({ ...one, taskId: "unknown" }, note)).toBe(false);
        expect(await store.append({ ...one, runId: "unknown" }, note)).toBe(false);
      }
      expect(await store.append(one, progress)).toBe(false);
      expect(await store.append({ ...one, attempt: 2 }, progress)).toBe(false);
      expect(await journal()).toEqual(before);
      expect(await store.append(one, answer)).toBe(false);
      expect((await journal()).slice(before.length)).toMatchObject([
        { type: "attempt.refused", taskId: "a", attempt: 1 },
      ]);
    },
  );

  sentence(
    "held names every running attempt of a run with its worker",
    async ({ store, submit, claim, state }) => {
      await submit([taskOf("a"), taskOf("b"), taskOf("c")]);
      await submit([taskOf("a")], { runId: "run-2" });
      await claim({ slots: 1, worker: workerOf("worker-1") });
      await claim({ slots: 1, worker: workerOf("worker-2") });
      await claim({ scopes: [{ runId: "run-2", slots: 1 }] });
      await store.cancel("run-1", "no longer wanted", ["b"]);

      expect(await store.held("run-1")).toEqual([
        {
          claim: { runId: "run-1", taskId: "a", attempt: 1, workerId: "worker-1", task: await state("a") },
          worker: workerOf("worker-1"),
          renewals: 0,
        },
        {
          claim: { runId: "run-1", taskId: "b", attempt: 1, workerId: "worker-2", task: await state("b") },
          worker: workerOf("worker-2"),
          renewals: 0,
        },
      ]);
      expect(await store.held("unknown")).toEqual([]);
      expect((await store.held()).map(({ claim }) => `${claim.runId} ${claim.taskId}`)).toEqual([
        "run-1 a",
        "run-1 b",
        "run-2 a",
      ]);
    },
  );

  sentence("who claims from a run drives it, until it is interrupted", async ({ store, submit, claim }) => {
    await submit([taskOf("a")]);
    expect(await store.drivers("run-1")).toEqual([]);

    await claim({ slots: 1, worker: workerOf("worker-1") });
    await claim({ slots: 1, worker: workerOf("worker-2") });
    expect(await store.drivers("run-1")).toEqual([workerOf("worker-1"), workerOf("worker-2")]);

    await store.note("run-1", { type: "run.interrupted", reason: "stopped", resume: "mai resume run-1" });
    expect(await store.drivers("run-1")).toEqual([]);
  });
}
