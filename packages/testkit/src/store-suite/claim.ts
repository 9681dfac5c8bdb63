/** Who is next, and who may do it. */
import { expect } from "vitest";
import { first, idsOf, offerOf, type Sentence, taskOf, workerOf } from "./scene.ts";

const dayMs = 24 * 60 * 60_000;

export function describeClaimOrder(sentence: Sentence): void {
  sentence("priority comes first, then the longest path, then the order of submission", async (scene) => {
    const { submit, claim } = scene;
    await submit([
      taskOf("low", { priority: "low", estimate: 9e9 }),
      taskOf("short", { estimate: 1 }),
      taskOf("first"),
      taskOf("second"),
      taskOf("head", { estimate: 1 }),
      taskOf("tail", { dependsOn: ["head"], estimate: 120_000 }),
      taskOf("high", { priority: "high", estimate: 1 }),
    ]);

    const order: string[] = [];
    for (let one = await claim({ slots: 1 }); one.length > 0; one = await claim({ slots: 1 })) {
      order.push(...idsOf(one));
    }
    expect(order).toEqual(["high", "head", "first", "second", "short", "low"]);
  });

  sentence("what is claimed together comes in the same order", async ({ submit, claim }) => {
    await submit([
      taskOf("a", { priority: "low", type: "review" }),
      taskOf("b", { type: "test" }),
      taskOf("c", { priority: "high", command: "true" }),
      taskOf("d", { agent: "agent" }),
    ]);

    expect(idsOf(await claim())).toEqual(["c", "b", "d", "a"]);
  });

  sentence("a task of low priority waits two days at most", async ({ submit, claim, clock }) => {
    await submit([taskOf("low", { priority: "low" })]);
    clock.pass(2 * dayMs);
    await submit([taskOf("high", { priority: "high" }), taskOf("normal")]);

    expect(idsOf(await claim({ slots: 2 }))).toEqual(["low", "high"]);
  });

  sentence("scopes are served in their order, each up to its slots", async ({ submit, claim }) => {
    await submit([taskOf("a"), taskOf("b")]);
    await submit([taskOf("c", { priority: "high" }), taskOf("d")], { runId: "run-2" });
    const scopes = [
      { runId: "run-1", slots: 1 },
      { runId: "unknown", slots: 5 },
      { runId: "run-2", slots: 5 },
    ];

    expect(idsOf(await claim({ scopes }))).toEqual(["a", "c", "d"]);
  });

  describeScopes(sentence);
}

function describeScopes(sentence: Sentence): void {
  for (const size of [3, 100]) {
    sentence(`a scope of ${size} wanted tasks starts those only, in order`, async ({ submit, claim }) => {
      const ids = Array.from({ length: 250 }, (_, index) => `t${index}`);
      await submit(ids.map((id) => taskOf(id)));
      const wanted = ids.filter((_, index) => index % 2 === 1).slice(0, size);
      const offers = [offerOf({ maxConcurrent: 999, free: 999 })];
      const only = new Set([...wanted].reverse().concat("unknown"));

      expect(idsOf(await claim({ scopes: [{ runId: "run-1", slots: 2, only }] }))).toEqual(
        wanted.slice(0, 2),
      );
      expect(idsOf(await claim({ scopes: [{ runId: "run-1", slots: 999, only }] }))).toEqual(wanted.slice(2));
      expect(idsOf(await claim({ scopes: [{ runId: "run-1", slots: 999, only }] }))).toEqual([]);
      expect(idsOf(await claim({ offers, slots: 2 }))).toEqual(["t0", "t2"]);
    });
  }

  sentence(
    "a claim tells the task as it stands with its attempt started",
    async ({ submit, claim, state, clock }) => {
      await submit([taskOf("a")]);
      const one = first(
        await claim({ worker: workerOf("me"), offers: [offerOf({ maxAttemptsFor: () => 7 })] }),
      );

      expect(one).toMatchObject({ runId: "run-1", taskId: "a", attempt: 1 });
      expect(one.task).toEqual(await state("a"));
      expect(one.task).toMatchObject({
        phase: "running",
        attempt: 1,
        agentId: "agent",
        workerId: "me",
        maxAttempts: 7,
        startedAt: clock.now(),
      });
    },
  );
}

export function describeClaimWho(sentence: Sentence): void {
  sentence("a pinned task goes to that agent only", async ({ submit, claim }) => {
    await submit([taskOf("a", { agent: "its own" }), taskOf("b", { agent: "nobody" }), taskOf("c")]);
    const other = offerOf({ agentId: "other" });
    const own = offerOf({ agentId: "its own" });

    expect(idsOf(await claim({ offers: [other], slots: 1 }))).toEqual(["c"]);
    expect(idsOf(await claim({ offers: [other] }))).toEqual([]);
    const [pinned] = await claim({ offers: [other, own] });
    expect(pinned).toMatchObject({ taskId: "a", task: { agentId: "its own" } });
  });

  sentence("a task goes to an agent that can do its type", async ({ submit, claim }) => {
    await submit([taskOf("a", { type: "review" }), taskOf("b", { type: "test" })]);
    const tester = offerOf({ agentId: "tester", capabilities: ["test"] });

    expect(idsOf(await claim({ offers: [tester] }))).toEqual(["b"]);
    expect(idsOf(await claim({ offers: [tester] }))).toEqual([]);
    expect(idsOf(await claim())).toEqual(["a"]);
  });

  sentence(
    "a command goes to agents that run commands, whatever its type, and prose to the others",
    async (scene) => {
      const { submit, claim } = scene;
      await submit([taskOf("a", { type: "review", command: "true" }), taskOf("b", { type: "review" })]);
      const shell = offerOf({ agentId: "shell", prose: false, capabilities: ["test"] });
      const model = offerOf({ agentId: "model", commands: false });

      const both = await claim({ offers: [shell, model] });
      expect(both.map(({ taskId, task }) => [taskId, task.agentId])).toEqual([
        ["a", "shell"],
        ["b", "model"],
      ]);
    },
  );

  sentence("among agents the largest free share is chosen, the first registered of equals", async (scene) => {
    const { submit, claim } = scene;
    await submit(["a", "b", "c", "d"].map((id) => taskOf(id)));
    const small = offerOf({ agentId: "small", maxConcurrent: 2, free: 2 });
    const big = offerOf({ agentId: "big", maxConcurrent: 4, free: 4 });

    const claims = await claim({ offers: [small, big] });
    expect(claims.map(({ task }) => task.agentId)).toEqual(["small", "big", "big", "small"]);
  });

  sentence("tasks that name the same lock never run at the same time, whoever claims", async (scene) => {
    const { submit, claim, succeed } = scene;
    await submit([
      taskOf("a", { locks: ["x"] }),
      taskOf("b", { locks: ["y", "x"] }),
      taskOf("c", { locks: ["z"] }),
    ]);
    await submit([taskOf("d", { locks: ["x"] }), taskOf("e")], { runId: "run-2" });

    const [a] = await claim();
    expect(
      idsOf(await claim({ worker: workerOf("worker-2"), scopes: [{ runId: "run-2", slots: 9 }] })),
    ).toEqual(["e"]);
    if (a !== undefined) await succeed(a);
    expect(idsOf(await claim())).toEqual(["b"]);
    expect(idsOf(await claim({ scopes: [{ runId: "run-2", slots: 9 }] }))).toEqual([]);
  });

  describeChoice(sentence);
}

function describeChoice(sentence: Sentence): void {
  sentence("a task behind a held lock holds up nobody else", async ({ submit, claim }) => {
    await submit([
      taskOf("a", { locks: ["x"] }),
      taskOf("b", { locks: ["x"], priority: "high" }),
      taskOf("c"),
    ]);

    expect(idsOf(await claim())).toEqual(["b", "c"]);
  });
}
