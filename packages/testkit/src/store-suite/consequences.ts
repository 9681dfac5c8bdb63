/** What the end of one task does to others, however many, in the same transaction. */
import { expect } from "vitest";
import type { StoreTraits } from "../store-harness.ts";
import { chainOf, first, idsOf, type Sentence, taskOf } from "./scene.ts";

export function describeConsequences(sentence: Sentence, { manyTasks }: StoreTraits): void {
  sentence("a diamond opens when both of its sides succeeded, and only then", async (scene) => {
    const { submit, claim, succeed, state } = scene;
    await submit([
      taskOf("top"),
      taskOf("left", { dependsOn: ["top"] }),
      taskOf("right", { dependsOn: ["top", "top"] }),
      taskOf("bottom", { dependsOn: ["left", "right"] }),
    ]);
    await succeed(first(await claim()));
    const [left, right] = await claim();
    if (left === undefined || right === undefined) throw new Error("Both sides were to start");
    await succeed(left);
    expect((await state("bottom")).phase).toBe("queued");

    expect(await succeed(right)).toMatchObject({ readied: true });
    expect((await state("bottom")).phase).toBe("ready");
  });

  sentence(
    "a task that was given before its dependency opens and is blocked like any other",
    async (scene) => {
      const { submit, claim, succeed, fail, standing } = scene;
      await submit([
        taskOf("b", { dependsOn: ["a"] }),
        taskOf("a"),
        taskOf("d", { dependsOn: ["c"] }),
        taskOf("c"),
      ]);
      const [a, c] = await claim();
      if (a === undefined || c === undefined) throw new Error("Two were to start");
      await succeed(a);
      await fail(c, { kind: "permanent" });

      expect(await standing()).toEqual({ a: "unverified", b: "ready", c: "failed", d: "blocked" });
    },
  );

  describeBlocked(sentence);
  describeMany(sentence, manyTasks);
}

function describeBlocked(sentence: Sentence): void {
  sentence("a diamond with a failed side is blocked once, and names the side", async (scene) => {
    const { submit, claim, fail, succeed, state, journal } = scene;
    await submit([
      taskOf("left"),
      taskOf("right"),
      taskOf("bottom", { dependsOn: ["left", "right"] }),
      taskOf("below", { dependsOn: ["bottom", "left"] }),
    ]);
    const [left, right] = await claim();
    if (left === undefined || right === undefined) throw new Error("Both sides were to start");
    const settled = await fail(right, { kind: "permanent" });
    expect(settled.ok && settled.ended.map((task) => task.spec.taskId)).toEqual(["right", "bottom", "below"]);
    await succeed(left);

    expect((await state("bottom")).end).toMatchObject({
      verdict: "blocked",
      reason: expect.stringContaining("right"),
    });
    expect((await journal()).filter((entry) => entry.type === "task.blocked")).toHaveLength(2);
  });
}

function describeMany(sentence: Sentence, manyTasks: number): void {
  sentence(`a failure reaches the end of a chain of ${manyTasks}`, async (scene) => {
    const { store, submit, claim, fail } = scene;
    await submit(chainOf(manyTasks));
    const settled = await fail(first(await claim()), { kind: "permanent" });

    expect(settled.ok && settled.ended).toHaveLength(manyTasks);
    expect((await store.counts("run-1")).verdicts).toEqual({ failed: 1, blocked: manyTasks - 1 });
  });

  sentence(`a success opens ${manyTasks} tasks at once`, async (scene) => {
    const { store, submit, claim, succeed } = scene;
    const wide = Array.from({ length: manyTasks }, (_, index) =>
      taskOf(`t${index}`, { dependsOn: ["root"] }),
    );
    await submit([taskOf("root"), ...wide]);
    await succeed(first(await claim()));

    expect((await store.counts("run-1")).phases).toEqual({ ended: 1, ready: manyTasks });
    expect(idsOf(await claim({ slots: 3 }))).toEqual(["t0", "t1", "t2"]);
  });

  sentence(`a task opens after the last of ${manyTasks} dependencies`, async (scene) => {
    const { store, submit, claim, succeed, fail, state } = scene;
    const ids = Array.from({ length: manyTasks }, (_, index) => `t${index}`);
    await submit([...ids.map((id) => taskOf(id)), taskOf("last", { dependsOn: ids })]);
    const offers = [{ ...wideOffer, maxConcurrent: manyTasks, free: manyTasks }];
    const claims = await claim({ offers, slots: manyTasks });
    expect(claims).toHaveLength(manyTasks);
    await Promise.all(claims.slice(1).map(succeed));
    expect((await state("last")).phase).toBe("queued");

    await succeed(first(claims));
    expect((await state("last")).phase).toBe("ready");
    await fail(first(await claim()), { kind: "permanent" });
    expect((await store.counts("run-1")).verdicts).toEqual({ unverified: manyTasks, failed: 1 });
  });
}

const wideOffer = {
  agentId: "agent",
  capabilities: ["implementation" as const],
  commands: true,
  prose: true,
  maxAttemptsFor: () => 1,
};
