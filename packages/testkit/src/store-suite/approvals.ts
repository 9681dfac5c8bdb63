/** Tasks that wait for a person. */
import type { ApprovalAnswer } from "mai-orchestration-core";
import { expect } from "vitest";
import { answerOf, first, idsOf, receiptOf, type Sentence, taskOf } from "./scene.ts";

function say(approved: boolean, changes: Partial<ApprovalAnswer> = {}): ApprovalAnswer {
  return { approved, by: "ann", via: "test", note: null, attempt: null, ...changes };
}

export function describeApprovals(sentence: Sentence): void {
  sentence("before: nothing starts without a yes, which makes the task ready", async (scene) => {
    const { store, submit, claim, state, clock } = scene;
    await submit([taskOf("a"), taskOf("b", { dependsOn: ["a"], approval: "before" }), taskOf("c")]);
    expect(await store.answerApproval("run-1", "b", say(true))).toEqual({
      ok: false,
      refusal: "not-waiting",
    });
    for (const one of await claim()) await scene.succeed(one);

    expect(await state("b")).toMatchObject({ phase: "approval-wait", workerId: null, attempt: 0 });
    expect(await claim()).toEqual([]);
    expect((await store.counts("run-1")).phases).toEqual({ ended: 2, "approval-wait": 1 });
    expect(await store.tasks({ runId: "run-1", phases: ["approval-wait"] })).toEqual([await state("b")]);

    clock.pass(60_000);
    const settled = await store.answerApproval("run-1", "b", say(true, { note: "go on" }));
    expect(settled).toEqual({ ok: true, task: await state("b"), ended: [], readied: true });
    const said = { attempt: 0, approved: true, by: "ann", via: "test", note: "go on", at: clock.now() };
    expect(await state("b")).toMatchObject({ phase: "ready", approvals: [said] });
    expect(idsOf(await claim())).toEqual(["b"]);
  });

  sentence(
    "before: a no ends it as blocked, and all behind it; opened again it asks again",
    async (scene) => {
      const { store, submit, standing, claim } = scene;
      await submit([taskOf("a", { approval: "before" }), taskOf("b", { dependsOn: ["a"] })]);
      const settled = await store.answerApproval("run-1", "a", say(false, { note: "not today" }));

      expect(settled.ok && settled.ended.map((task) => task.spec.taskId)).toEqual(["a", "b"]);
      expect(settled).toMatchObject({ task: { end: { reason: "refused by ann: not today" } } });
      expect(await standing()).toEqual({ a: "blocked", b: "blocked" });
      await store.reopen("run-1", "once more", ["a"]);
      expect(await standing()).toEqual({ a: "approval-wait", b: "queued" });
      expect((await store.answerApproval("run-1", "a", say(true, { attempt: 0 }))).ok).toBe(true);
      expect(idsOf(await claim())).toEqual(["a"]);
    },
  );

  describeAfter(sentence);
  describeAnswersTwice(sentence);
}

function describeAfter(sentence: Sentence): void {
  sentence(
    "after: what passed its checks waits without a slot, and a yes makes it a success",
    async (scene) => {
      const { store, submit, claim, state, standing } = scene;
      await submit([
        taskOf("a", { approval: "after", verify: [{ command: "x" }] }),
        taskOf("b", { dependsOn: ["a"] }),
      ]);
      const one = first(await claim());
      await store.append(one, { type: "answer", answer: answerOf() });
      await store.append(one, { type: "check", receipt: receiptOf("x", true) });
      const settled = await store.settle(one, { type: "succeeded", answer: null });

      expect(settled).toMatchObject({ ok: true, ended: [], readied: false });
      expect(await state("a")).toMatchObject({ phase: "approval-wait", workerId: null, attempt: 1 });
      expect(await store.held()).toEqual([]);
      expect(await store.append(one, { type: "answer", answer: answerOf() })).toBe(false);

      expect((await store.answerApproval("run-1", "a", say(true, { attempt: 1 }))).ok).toBe(true);
      expect(await standing()).toEqual({ a: "verified", b: "ready" });
      expect((await state("a")).receipts).toHaveLength(1);
    },
  );

  sentence("after: a no is what the next attempt is told, while there is one", async (scene) => {
    const { store, submit, claim, succeed, state, clock } = scene;
    await submit([taskOf("a", { approval: "after", retry: { maxAttempts: 2, backoff: 500 } })]);
    await succeed(first(await claim()));
    await store.answerApproval("run-1", "a", say(false, { note: "name the flags" }));

    expect(await state("a")).toMatchObject({
      phase: "retry-wait",
      failures: 1,
      feedback: "refused by ann: name the flags",
    });
    clock.pass(60_000);
    const second = first(await claim());
    expect(second.attempt).toBe(2);
    await succeed(second);
    await store.answerApproval("run-1", "a", say(false));
    expect(await state("a")).toMatchObject({
      phase: "ended",
      end: { verdict: "failed", reason: "refused by ann" },
    });
    expect((await state("a")).approvals.map(({ attempt, approved }) => [attempt, approved])).toEqual([
      [1, false],
      [2, false],
    ]);
  });
}

function describeAnswersTwice(sentence: Sentence): void {
  sentence("the same said again changes nothing; the opposite is refused", async (scene) => {
    const { store, submit, claim, succeed, journal } = scene;
    await submit([taskOf("a", { approval: "before" })]);
    await Promise.all([
      store.answerApproval("run-1", "a", say(true)),
      store.answerApproval("run-1", "a", say(true, { by: "bob" })),
    ]);
    const entries = await journal();

    expect(entries.filter(({ type }) => type === "approval.given")).toMatchObject([{ by: "ann" }]);
    expect(await store.answerApproval("run-1", "a", say(false))).toEqual({
      ok: false,
      refusal: "not-waiting",
    });
    await succeed(first(await claim()));
    expect(await store.answerApproval("run-1", "a", say(true))).toMatchObject({ ok: true, ended: [] });
    expect(await store.answerApproval("run-1", "a", say(false))).toEqual({ ok: false, refusal: "ended" });
    expect(await store.answerApproval("run-1", "nobody", say(true))).toMatchObject({ ok: false });
  });

  sentence("an answer about an attempt is none about a later one", async (scene) => {
    const { store, submit, claim, succeed, clock, state } = scene;
    await submit([taskOf("a", { approval: "after", retry: { maxAttempts: 3 } })]);
    await succeed(first(await claim()));
    await store.answerApproval("run-1", "a", say(false, { attempt: 1 }));
    clock.pass(60_000);
    await succeed(first(await claim()));

    expect(await store.answerApproval("run-1", "a", say(true, { attempt: 1 }))).toEqual({
      ok: false,
      refusal: "stale-attempt",
    });
    expect((await store.answerApproval("run-1", "a", say(false, { attempt: 1 }))).ok).toBe(true);
    expect((await state("a")).phase).toBe("approval-wait");
  });

  sentence("who waits is cancelled at once", async ({ store, submit, standing }) => {
    await submit([taskOf("a", { approval: "before" })]);
    await store.cancel("run-1", "no longer wanted");

    expect(await standing()).toEqual({ a: "cancelled" });
    expect(await store.answerApproval("run-1", "a", say(true))).toEqual({ ok: false, refusal: "ended" });
  });

  sentence("it is restored as it waited", async (scene) => {
    const { store, submit, journal, state } = scene;
    await submit([taskOf("a", { approval: "before" })]);
    const run = await store.run("run-1");
    if (run === undefined) throw new Error("The run is there");
    const entries = (await journal()).map((entry) => ({ ...entry, runId: "run-2" }));
    await store.restore({ ...run, runId: "run-2" }, entries);

    expect((await state("a", "run-2")).phase).toBe("approval-wait");
    expect((await store.answerApproval("run-2", "a", say(true))).ok).toBe(true);
    expect((await state("a", "run-2")).phase).toBe("ready");
  });
}
