/** What becomes of an attempt whose worker is gone, and of a task that a person wants tried again. */
import type { FarmTask } from "mai-orchestration-core";
import type { Claim } from "mai-orchestration-engine";
import { expect } from "vitest";
import { answerOf, first, offerOf, receiptOf, type Scene, type Sentence, taskOf, workerOf } from "./scene.ts";

const checked: Partial<FarmTask> = { verify: [{ command: "x" }] };
const answer = { type: "answer" as const, answer: answerOf({ sessionId: "s1" }) };
const other = workerOf("worker-2");

export function describeAfterDeath(sentence: Sentence): void {
  sentence("what had answered is adopted for its checks and never run again", async (scene) => {
    const { store, submit, claim, state } = scene;
    await submit([taskOf("a", checked)]);
    const old = first(await claim());
    await store.append(old, answer);
    await store.append(old, { type: "check", receipt: receiptOf("x", true) });
    for (const outcome of ["lost", "interrupted"] as const) {
      const held = (await store.held("run-1")).map((one) => one.claim);
      await store.settle(first(held), { type: outcome, reason: "its engine is gone" });

      const adopted = first(await claim({ worker: other }));
      expect(adopted).toMatchObject({ attempt: 1, workerId: "worker-2" });
      expect(adopted.task).toEqual(await state("a"));
      expect(adopted.task).toMatchObject({ phase: "verifying", receipts: [], answer: answer.answer });
    }

    expect(await state("a")).toMatchObject({ losses: 1, attempt: 1 });
    const last = first((await store.held("run-1")).map((one) => one.claim));
    expect(await store.settle(last, { type: "succeeded", answer: null })).toMatchObject({ ok: false });
    await store.append(last, { type: "check", receipt: receiptOf("x", true) });
    expect(await store.settle(last, { type: "succeeded", answer: null })).toMatchObject({ ok: true });
  });

  sentence("an answer that was not heard before its interruption counts for its cost only", async (scene) => {
    const { store, submit, claim, state } = scene;
    await submit([taskOf("a", checked)]);
    const old = first(await claim());
    await store.settle(old, { type: "interrupted", reason: "Ctrl-C", answer: answer.answer });

    expect(await state("a")).toMatchObject({ phase: "ready", sessionId: "s1", usage: answer.answer.usage });
    expect(first(await claim())).toMatchObject({ attempt: 2, task: { phase: "running", answer: null } });
  });

  sentence("the checks of an adopted attempt take a slot of the agent that did the work", async (scene) => {
    const { store, submit, claim } = scene;
    await submit([taskOf("a", checked)]);
    const offers = [offerOf({ agentId: "x" }), offerOf({ agentId: "y", maxConcurrent: 1, free: 1 })];
    const old = first(await claim({ offers: offers.slice(1) }));
    await store.append(old, answer);
    await store.settle(old, { type: "lost", reason: "its engine is gone" });

    expect(first(await claim({ offers })).task.agentId).toBe("y");
  });

  describeAdopt(sentence);
}

function describeAdopt(sentence: Sentence): void {
  sentence(
    "a running attempt can be adopted once, and its old holder changes nothing any more",
    async (scene) => {
      const { store, submit, claim, state, journal } = scene;
      await submit([taskOf("a", { ...checked, locks: ["l"] })]);
      const old = first(await claim({ offers: [offerOf({ maxConcurrent: 1 })] }));
      const adoption = await store.adopt(old, other);

      expect(adoption).toEqual({ ok: true, claim: { ...old, workerId: "worker-2", task: await state("a") } });
      expect(await state("a")).toMatchObject({
        phase: "running",
        attempt: 1,
        losses: 1,
        workerId: "worker-2",
      });
      expect(await store.adopt(old, workerOf("worker-3"))).toEqual({ ok: false, refusal: "stale-attempt" });
      expect(await store.append(old, answer)).toBe(false);
      expect(await store.settle(old, { type: "lost", reason: "late" })).toMatchObject({ ok: false });
      expect((await store.renew(workerOf("worker-1"), [old])).lost).toEqual([old]);
      expect((await journal()).slice(-3).map((entry) => entry.type)).toEqual([
        "attempt.adopted",
        "attempt.refused",
        "attempt.refused",
      ]);
      if (!adoption.ok) throw new Error("It was to be adopted");
      expect(await store.append(adoption.claim, answer)).toBe(true);
      expect(await store.renew(other, [adoption.claim])).toEqual({ lost: [], cancelled: [] });
    },
  );

  sentence("nobody adopts what is cancelled, has ended, or never was", async (scene) => {
    const { store, submit, claim, fail } = scene;
    await submit([taskOf("b"), taskOf("c")]);
    const [b, c] = (await claim()) as [Claim, Claim];
    await store.cancel("run-1", "no longer wanted", ["b"]);
    await fail(c);
    const before = await scene.journal();

    expect(await store.adopt(b, other)).toEqual({ ok: false, refusal: "not-running" });
    expect(await store.adopt(c, other)).toEqual({ ok: false, refusal: "ended" });
    expect(await store.adopt({ ...c, taskId: "z" }, other)).toEqual({ ok: false, refusal: "stale-attempt" });
    expect(await scene.journal()).toEqual(before);
  });

  describeHeirs(sentence);
}

function describeHeirs(sentence: Sentence): void {
  sentence(
    "an adopted attempt may repeat its checks, or be given back until it was lost too often",
    async (scene) => {
      const { store, submit, claim, state } = scene;
      await submit([taskOf("a", { ...checked, retry: { maxLost: 1 } })]);
      const old = first(await claim());
      await store.append(old, answer);
      await store.append(old, { type: "check", receipt: receiptOf("x", true) });
      const adoption = await store.adopt(old, other);
      expect(adoption).toMatchObject({
        ok: true,
        claim: { attempt: 1, task: { phase: "verifying", receipts: [] } },
      });
      if (!adoption.ok) throw new Error("It was to be adopted");
      await store.settle(adoption.claim, { type: "interrupted", reason: "its engine died" });
      expect(await state("a")).toMatchObject({ phase: "ready", losses: 1, unchecked: true });

      const again = await store.adopt(first(await claim()), workerOf("worker-3"));
      if (!again.ok) throw new Error("It was to be adopted");
      await store.settle(again.claim, { type: "interrupted", reason: "its engine died" });
      expect(await state("a")).toMatchObject({ phase: "ended", losses: 2, end: { verdict: "failed" } });
    },
  );

  sentence("each renewal of a worker is counted for those who watch it", async (scene) => {
    const { store, submit, claim } = scene;
    await submit([taskOf("a")]);
    const one = first(await claim());
    await store.renew(workerOf("worker-1"), [one]);
    await store.renew(workerOf("worker-1"), []);

    expect(await store.held("run-1")).toMatchObject([{ renewals: 2 }]);
  });
}

export function describeReopen(sentence: Sentence): void {
  sentence(
    "reopen tries a failed task again with fresh budgets, numbered on, and what it blocked",
    async (scene) => {
      const { store, submit, claim, fail, state, standing } = scene;
      await submit([
        taskOf("a", { retry: { maxAttempts: 2, backoff: 0 } }),
        taskOf("b", { dependsOn: ["a"] }),
        taskOf("c", { dependsOn: ["b"] }),
        taskOf("d"),
        taskOf("e", { dependsOn: ["a", "d"] }),
      ]);
      await fail(first(await claim({ scopes: [{ runId: "run-1", slots: 1, only: new Set(["a"]) }] })), {
        kind: "permanent",
        feedback: "no luck",
      });
      await fail(first(await claim()));
      await finish(scene);

      const { reopened, succeeded } = await store.reopen("run-1", "once more", ["a"]);

      expect(reopened.map((task) => task.spec.taskId)).toEqual(["a", "b", "c"]);
      expect(succeeded).toEqual([]);
      expect(await standing()).toEqual({ a: "ready", b: "queued", c: "queued", d: "failed", e: "blocked" });
      expect(await state("a")).toMatchObject({ attempt: 1, failures: 0, end: null, feedback: "no luck" });
      expect(await store.run("run-1")).toMatchObject({ finishedAt: null, verdict: null });
      expect(await store.reopen("run-1", "once more", ["a"])).toEqual({ reopened: [], succeeded: [] });
      await driveAll(scene);
      expect(await state("a")).toMatchObject({ attempt: 2, phase: "ended" });
      expect(await standing()).toMatchObject({ a: "unverified", b: "unverified", c: "unverified" });
    },
  );

  sentence("reopen without names takes all that did not succeed, and nothing that did", async (scene) => {
    const { store, submit, claim, succeed, fail, standing } = scene;
    await submit([taskOf("a"), taskOf("b"), taskOf("c", { dependsOn: ["b"] }), taskOf("d"), taskOf("e")]);
    const only = new Set(["a", "b"]);
    // `b` first, for another task waits behind it.
    const [b, a] = (await claim({ scopes: [{ runId: "run-1", slots: 2, only }] })) as [Claim, Claim];
    await succeed(a);
    await fail(b);
    await store.cancel("run-1", "no longer wanted", ["d"]);

    expect(await store.reopen("run-1", "once more", ["a", "e"])).toEqual({ reopened: [], succeeded: ["a"] });
    const { reopened } = await store.reopen("run-1", "once more");

    expect(reopened.map((task) => task.spec.taskId)).toEqual(["b", "c", "d"]);
    expect(await standing()).toEqual({ a: "unverified", b: "ready", c: "queued", d: "ready", e: "ready" });
    await driveAll(scene);
    expect(Object.values(await standing())).toEqual(Array(5).fill("unverified"));
  });

  sentence(
    "reopen refuses what waits for a task that stays as it is",
    async ({ store, submit, claim, fail, journal }) => {
      await submit([taskOf("a"), taskOf("b", { dependsOn: ["a"] })]);
      await fail(first(await claim()));
      const before = await journal();

      await expect(store.reopen("run-1", "once more", ["b"])).rejects.toMatchObject({ code: "task.blocked" });
      expect(await journal()).toEqual(before);
      expect((await store.reopen("run-1", "once more", ["b", "a"])).reopened).toHaveLength(2);
    },
  );
}

/** Lets every task that can start succeed. */
async function driveAll({ claim, succeed }: Scene): Promise<void> {
  for (let claims = await claim(); claims.length > 0; claims = await claim()) {
    await Promise.all(claims.map(succeed));
  }
}

async function finish({ store }: Scene): Promise<void> {
  await store.note("run-1", { type: "run.finished", verdict: "failed", results: [] });
}
