/** Adding tasks to a run. */
import { expect } from "vitest";
import { answerOf, failureOf, first, readJournal, runOf, type Sentence, taskOf } from "./scene.ts";

export function describeSubmit(sentence: Sentence): void {
  sentence(
    "opens the run and keeps its tasks as they were given, in order",
    async ({ store, submit, clock }) => {
      const full = taskOf("b", {
        dependsOn: ["a", "a"],
        verify: [{ command: "true", timeout: 5 }],
        env: { KEY: "value" },
        locks: ["z", "y"],
        retry: { maxAttempts: 2, maxLost: 0, backoff: 1.5 },
        estimate: 0.5,
        timeout: 1.5,
        priority: "high",
      });
      await submit([taskOf("a"), full], {
        name: "nightly",
        parallel: 3,
        failFast: true,
        timeoutMs: 90_000.5,
      });

      expect((await store.tasks({ runId: "run-1" })).map((task) => task.spec)).toEqual([taskOf("a"), full]);
      expect(await store.run("run-1")).toEqual({
        ...runOf({ name: "nightly", parallel: 3, failFast: true, timeoutMs: 90_000.5 }),
        createdAt: clock.now(),
        firstSeq: 1,
        finishedAt: null,
        verdict: null,
        interruptedAt: null,
      });
    },
  );

  sentence("says of each task whether it is ready or waits for others", async ({ submit, standing }) => {
    await submit([taskOf("b", { dependsOn: ["a"] }), taskOf("a")]);

    expect(await standing()).toEqual({ b: "queued", a: "ready" });
  });

  sentence("passes over equal tasks, so that it can be repeated", async ({ submit, standing, journal }) => {
    await submit([taskOf("a"), taskOf("a")]);
    const before = await journal();
    await submit([taskOf("a")]);
    await submit([taskOf("a"), taskOf("b")]);

    expect(await standing()).toEqual({ a: "ready", b: "ready" });
    expect((await journal()).slice(0, before.length)).toEqual(before);
    expect((await journal()).filter((entry) => entry.type === "task.queued")).toHaveLength(2);
  });

  sentence("keeps tasks of equal ids in two runs apart", async ({ store, submit, claim, succeed, state }) => {
    await submit([taskOf("a")]);
    await submit([taskOf("a", { description: "another" }), taskOf("b a")], { runId: "run-2" });
    await submit([taskOf("a")], { runId: "run-2 b" });
    const scopes = [
      { runId: "run-1", slots: 1 },
      { runId: "run-2", slots: 2 },
    ];
    const claims = await claim({ scopes });
    await succeed(first(claims));

    expect((await state("a")).phase).toBe("ended");
    expect((await state("a", "run-2")).phase).toBe("running");
    expect((await state("b a", "run-2")).phase).toBe("running");
    expect((await state("a", "run-2 b")).phase).toBe("ready");
    expect(await store.settle({ runId: "run-2 b", taskId: "a", attempt: 1 }, failureOf())).toMatchObject({
      ok: false,
    });
    expect((await state("b a", "run-2")).phase).toBe("running");
  });

  describeTexts(sentence);
}

function describeTexts(sentence: Sentence): void {
  sentence("lets later tasks depend on earlier ones, however those stand", async (scene) => {
    const { store, submit, claim, succeed, fail, standing } = scene;
    await submit([taskOf("good"), taskOf("bad"), taskOf("open")]);
    for (const one of await claim()) {
      if (one.taskId === "good") await succeed(one);
      if (one.taskId === "bad") await fail(one, { kind: "permanent" });
    }
    await submit([
      taskOf("after-good", { dependsOn: ["good"] }),
      taskOf("after-bad", { dependsOn: ["bad", "open"] }),
      taskOf("after-open", { dependsOn: ["open", "good"] }),
      taskOf("far", { dependsOn: ["after-bad"] }),
    ]);

    expect(await standing()).toMatchObject({
      "after-good": "ready",
      "after-bad": "blocked",
      "after-open": "queued",
      far: "blocked",
    });
    const [open] = await store.held("run-1");
    if (open !== undefined) await store.settle(open.claim, { type: "succeeded", answer: answerOf() });
    expect(await standing()).toMatchObject({ "after-open": "ready", "after-bad": "blocked" });
  });

  sentence("keeps ids of every kind apart", async ({ store, submit, claim, succeed }) => {
    const ids = [
      "a",
      "A",
      " a",
      "a ",
      "",
      "a\nb",
      "a\0b",
      "'; DROP TABLE tasks; --",
      '"',
      "é",
      "e\u0301",
      "😀",
      "%",
    ];
    ids.push("x".repeat(10_240), "[1]", "null", "__proto__");
    await submit(ids.map((id) => taskOf(id, { locks: [`${id}\ud800`] })));
    const claims = await claim();

    expect(claims.map((one) => one.taskId).sort()).toEqual([...ids].sort());
    for (const one of claims) expect((await succeed(one)).ok).toBe(true);
    expect(await store.tasks({ runId: "run-1", taskIds: ["a\0b"] })).toHaveLength(1);
    expect((await store.counts("run-1")).phases).toEqual({ ended: ids.length });
  });

  sentence("keeps texts with broken surrogates as they are", async ({ store, submit, claim, state }) => {
    await submit([taskOf("a", { description: "\ud800 and \udfff", locks: ["\udead"] })]);
    const held = first(await claim());
    await store.append(held, { type: "answer", answer: answerOf({ output: "cut \ud83d" }) });
    await store.settle(held, failureOf({ reason: "\udc00", kind: "permanent" }));

    expect((await state("a")).spec.description).toBe("\ud800 and \udfff");
    expect((await state("a")).answer?.output).toBe("cut \ud83d");
    expect((await state("a")).end?.reason).toBe("\udc00");
  });

  describeEmptyRun(sentence);
}

function describeEmptyRun(sentence: Sentence): void {
  sentence("opens a run without tasks", async ({ store, submit }) => {
    await submit([]);

    expect(await store.run("run-1")).toMatchObject({ runId: "run-1", finishedAt: null });
    expect(await store.counts("run-1")).toEqual({ total: 0, phases: {}, verdicts: {}, nextWakeAt: null });
  });
}

export function describeSubmitRefusals(sentence: Sentence): void {
  const refused = (title: string, code: string, tasks: readonly ReturnType<typeof taskOf>[]): void => {
    sentence(`${title}, and adds none of the tasks given with it`, async ({ store, submit, standing }) => {
      await submit([taskOf("known", { description: "as it was" })]);
      const before = await readJournal(store);

      await expect(submit([taskOf("fresh"), ...tasks])).rejects.toMatchObject({ name: "MaiError", code });

      expect(await standing()).toEqual({ known: "ready" });
      expect(await readJournal(store)).toEqual(before);
      await submit([taskOf("fresh")]);
      expect(await standing()).toEqual({ known: "ready", fresh: "ready" });
    });
  };

  refused("a different task under a known id", "task.conflict", [
    taskOf("known", { description: "another" }),
  ]);
  refused("two different tasks under one id", "task.conflict", [
    taskOf("twice"),
    taskOf("twice", { description: "another" }),
  ]);
  refused("a dependency that is nowhere", "plan.unknown-dependency", [
    taskOf("b", { dependsOn: ["nowhere"] }),
  ]);
  refused("a task that depends on itself", "plan.cycle", [taskOf("a", { dependsOn: ["a"] })]);
  refused("a circle of dependencies", "plan.cycle", [
    taskOf("a", { dependsOn: ["b", "known"] }),
    taskOf("b", { dependsOn: ["c"] }),
    taskOf("c", { dependsOn: ["a"] }),
  ]);
  refused("an id that is no well-formed text", "task.invalid", [taskOf("half \ud83d")]);

  sentence("does not open the run of refused tasks", async ({ store, submit }) => {
    await expect(submit([taskOf("a", { dependsOn: ["a"] })])).rejects.toMatchObject({ code: "plan.cycle" });

    expect(await store.run("run-1")).toBeUndefined();
    expect(await store.runs()).toEqual([]);
    expect(await readJournal(store)).toEqual([]);
  });
}
