/** Calls of one turn of the event loop, changes, and closing. */
import { expect } from "vitest";
import { answerOf, failureOf, first, idsOf, requestOf, runOf, type Sentence, taskOf } from "./scene.ts";

export function describeTurns(sentence: Sentence): void {
  sentence("happen in the order they were made", async ({ store, standing }) => {
    const submitted = store.submit(runOf(), [taskOf("a"), taskOf("b", { dependsOn: ["a"] })]);
    const claimed = store.claim(requestOf());
    const counted = store.counts("run-1");
    const cancelled = store.cancel("run-1", "no longer wanted", ["b"]);
    await submitted;

    expect(idsOf((await claimed).claims)).toEqual(["a"]);
    expect((await counted).phases).toEqual({ running: 1, queued: 1 });
    expect((await cancelled).ended).toHaveLength(1);
    expect(await standing()).toEqual({ a: "running", b: "cancelled" });
  });

  sentence("each sees what those before it did", async ({ store, submit, claim, state }) => {
    await submit([taskOf("a"), taskOf("b")]);
    const [a] = await claim({ slots: 1 });
    if (a === undefined) throw new Error("One was to start");
    const answer = answerOf({ output: "an answer" });
    const appended = store.append(a, { type: "answer", answer });
    const journal = store.journal(0);
    const tasks = store.tasks({ runId: "run-1" });
    const held = store.held("run-1");
    const cancelled = store.cancel("run-1", "no longer wanted", ["a"]);
    expect(await appended).toBe(true);

    expect((await journal).at(-1)).toMatchObject({ type: "attempt.answered", answer });
    expect((await tasks)[0]).toMatchObject({ phase: "verifying", answer });
    expect((await held)[0]?.claim.task).toMatchObject({ phase: "verifying", answer });
    expect((await cancelled).asked[0]).toMatchObject({ phase: "cancelling", answer });
    expect(await state("a")).toMatchObject({ phase: "cancelling", answer });
  });

  sentence("an attempt that answers and is cancelled in one turn keeps its answer", async (scene) => {
    const { store, submit, claim, state } = scene;
    await submit([taskOf("a")]);
    const one = first(await claim());
    await Promise.all([
      store.append(one, { type: "answer", answer: answerOf() }),
      store.cancel("run-1", "no longer wanted"),
    ]);

    expect(await store.append(one, { type: "answer", answer: answerOf() })).toBe(false);
    expect((await state("a")).answer).toEqual(answerOf());
  });

  describeSharing(sentence);
}

function describeSharing(sentence: Sentence): void {
  sentence("one that is refused does not disturb the others", async ({ store, submit, claim, standing }) => {
    await submit([taskOf("a"), taskOf("b")]);
    const [a] = await claim({ slots: 1 });
    if (a === undefined) throw new Error("One was to start");
    const calls = await Promise.allSettled([
      store.submit(runOf(), [taskOf("c")]),
      store.submit(runOf(), [taskOf("a", { description: "another" })]),
      store.settle(a, { type: "succeeded", answer: answerOf() }),
      store.settle(a, failureOf()),
      store.note("unknown", { type: "run.resumed", reused: 0, open: 0 }),
      store.restore({ ...runOf({ runId: "run-2" }), ...record }, [null as never]),
      store.append(a, { type: "answer", answer: answerOf() }),
      store.block("run-1", "no agent can do it", ["b"]),
    ]);

    expect(calls.map((call) => call.status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(calls[3]).toMatchObject({ value: { ok: false, refusal: "ended" } });
    expect(calls[6]).toMatchObject({ value: false });
    expect(await standing()).toEqual({ a: "unverified", b: "blocked", c: "ready" });
  });

  sentence(
    "of several settles of one attempt the first wins",
    async ({ store, submit, claim, standing, journal }) => {
      await submit([taskOf("a")]);
      const one = first(await claim());
      const settled = await Promise.all([
        store.settle(one, { type: "succeeded", answer: answerOf() }),
        store.settle(one, failureOf()),
        store.settle(one, { type: "lost", reason: "thought dead" }),
      ]);

      expect(settled.map(({ ok }) => ok)).toEqual([true, false, false]);
      expect(await standing()).toEqual({ a: "unverified" });
      expect((await journal()).filter((entry) => entry.type === "attempt.refused")).toHaveLength(2);
    },
  );

  sentence("several claims give each task to one worker", async ({ store, submit }) => {
    await submit(Array.from({ length: 30 }, (_, index) => taskOf(`t${index}`)));
    const request = requestOf({ scopes: [{ runId: "run-1", slots: 8 }] });
    const all = await Promise.all(Array.from({ length: 5 }, () => store.claim(request)));

    expect(all.map(({ claims }) => claims.length)).toEqual([8, 8, 8, 6, 0]);
    expect(new Set(all.flatMap(({ claims }) => idsOf(claims))).size).toBe(30);
  });
}

const record = { createdAt: 0, firstSeq: 1, finishedAt: null, verdict: null, interruptedAt: null };

export function describeClosing(sentence: Sentence): void {
  sentence("onChange tells of every commit of this handle, until it is stopped", async (scene) => {
    const { store, submit, claim } = scene;
    const heard: boolean[] = [];
    const stop = store.onChange((foreign) => heard.push(foreign));
    await submit([taskOf("a")]);
    expect(heard).toEqual([false]);
    await Promise.all([claim(), store.counts("run-1")]);
    expect(heard).toEqual([false, false]);
    await store.tasks({ runId: "run-1" });
    expect(heard).toEqual([false, false]);

    stop();
    stop();
    await store.cancel("run-1", "no longer wanted");
    expect(heard).toEqual([false, false]);
  });

  sentence(
    "onChange tells of another handle's commit, as foreign, and of nothing when nothing happened",
    async (scene) => {
      const { store, submit, clock, reopen } = scene;
      if (reopen === undefined) return;
      await submit([taskOf("a")]);
      const other = await reopen();
      const heard: boolean[] = [];
      const stop = store.onChange((foreign) => heard.push(foreign));
      clock.pass(1_000);
      expect(heard).toEqual([]);

      await other.cancel("run-1", "no longer wanted");
      clock.pass(1_000);
      expect(heard).toEqual([true]);
      stop();
      expect(clock.pending).toBe(0);
      await other.close();
    },
  );

  sentence("close waits for the calls under way", async ({ store }) => {
    const submitted = store.submit(runOf(), [taskOf("a")]);
    const counted = store.counts("run-1");
    let settled = 0;
    for (const call of [submitted, counted]) void call.then(() => settled++);
    await store.close();

    expect(settled).toBe(2);
    expect((await counted).total).toBe(1);
  });

  sentence("close twice is fine, also at once, and each waits", async ({ store }) => {
    const submitted = store.submit(runOf(), [taskOf("a")]);
    let settled = false;
    void submitted.then(() => {
      settled = true;
    });
    const closing = store.close();
    await store.close();
    expect(settled).toBe(true);
    await closing;
    await store.close();
  });

  describeClosed(sentence);
}

function describeClosed(sentence: Sentence): void {
  sentence("calls after close reject with store.closed", async ({ store, submit, clock }) => {
    await submit([taskOf("a")]);
    const stop = store.onChange(() => undefined);
    await store.close();

    const claim = { runId: "run-1", taskId: "a", attempt: 1 };
    const calls = await Promise.allSettled([
      store.submit(runOf(), []),
      store.claim(requestOf()),
      store.renew(requestOf().worker, []),
      store.settle(claim, failureOf()),
      store.append(claim, { type: "answer", answer: answerOf() }),
      store.cancel("run-1", "no longer wanted"),
      store.block("run-1", "no agent can do it", []),
      store.note("run-1", { type: "run.resumed", reused: 0, open: 0 }),
      store.runs(),
      store.run("run-1"),
      store.tasks({ runId: "run-1" }),
      store.counts("run-1"),
      store.held("run-1"),
      store.journal(0),
      store.prune(0),
    ]);
    for (const call of calls)
      expect(call).toMatchObject({ status: "rejected", reason: { code: "store.closed" } });
    expect(clock.pending).toBe(0);
    stop();
    store.onChange(() => undefined)();
    expect(clock.pending).toBe(0);
  });
}
