/** What a run may cost. */
import { noUsage } from "mai-orchestration-core";
import type { Claim, RunRecord, Store } from "mai-orchestration-engine";
import { expect } from "vitest";
import {
  answerOf,
  failureOf,
  first,
  idsOf,
  requestOf,
  runOf,
  type Sentence,
  taskOf,
  workerOf,
} from "./scene.ts";

const costing = (costUsd: number) => answerOf({ usage: { ...noUsage, costUsd } });

async function end(store: Store, claim: Claim, costUsd: number): Promise<void> {
  await store.settle(claim, { type: "succeeded", answer: costing(costUsd) });
}

export function describeCeiling(sentence: Sentence): void {
  sentence("a run keeps its ceiling, and the journal says it", async ({ store, submit, journal }) => {
    await submit([taskOf("a")], runOf({ maxCostUsd: 2.5 }));

    expect((await store.run("run-1"))?.maxCostUsd).toBe(2.5);
    expect((await journal())[0]).toMatchObject({ type: "run.created", maxCostUsd: 2.5 });
  });

  sentence(
    "no attempt starts that could pass the ceiling, over all engines",
    async ({ store, submit, claim }) => {
      await submit(
        ["a", "b", "c", "d", "e"].map((id) => taskOf(id)),
        runOf({ maxCostUsd: 3 }),
      );
      await end(store, first(await claim({ scopes: [{ runId: "run-1", slots: 1 }] })), 1);

      const one = await claim({ scopes: [{ runId: "run-1", slots: 1 }] });
      const other = await store.claim(requestOf({ worker: workerOf("worker-2") }));

      expect(idsOf(one)).toEqual(["b"]);
      expect(idsOf(other.claims)).toEqual(["c"]);
      expect(other.exhausted ?? []).toEqual([]);
    },
  );

  sentence(
    "when nothing runs and the ceiling leaves no room, the run is named as exhausted",
    async (scene) => {
      const { store, submit, claim } = scene;
      await submit(
        ["a", "b", "c"].map((id) => taskOf(id)),
        runOf({ maxCostUsd: 1.5 }),
      );
      await end(store, first(await claim({ scopes: [{ runId: "run-1", slots: 1 }] })), 1);

      const spending = { spentUsd: 1, largestUsd: 1 };
      expect(await store.claim(requestOf())).toMatchObject({
        claims: [],
        exhausted: [{ runId: "run-1", maxCostUsd: 1.5, ...spending }],
      });

      await store.note("run-1", { type: "run.resumed", reused: 1, open: 2, maxCostUsd: 3 });
      expect((await store.run("run-1"))?.maxCostUsd).toBe(3);
      const raised = await store.claim(requestOf());
      expect(idsOf(raised.claims)).toEqual(["b", "c"]);
      expect(raised.exhausted ?? []).toEqual([]);

      await store.note("run-1", { type: "run.resumed", reused: 1, open: 2 });
      expect((await store.run("run-1"))?.maxCostUsd).toBe(3);
    },
  );
}

export function describeSpending(sentence: Sentence): void {
  sentence(
    "what failed, was interrupted or is only unchecked counts as well, each attempt once",
    async (scene) => {
      const { store, submit, claim } = scene;
      const verify = [{ command: "x" }];
      await submit(
        [taskOf("a"), taskOf("b"), taskOf("c", { verify }), taskOf("d")],
        runOf({ maxCostUsd: 10 }),
      );
      const [a, b, c] = await claim({ scopes: [{ runId: "run-1", slots: 3 }] });
      if (a === undefined || b === undefined || c === undefined) throw new Error("Three were to start");

      await store.settle(a, failureOf({ answer: costing(1) }));
      await store.settle(b, { type: "interrupted", reason: "Ctrl-C", answer: costing(2) });
      await store.append(c, { type: "answer", answer: costing(3) });
      await store.settle(c, failureOf({ kind: "check" }));

      // 6 are spent, the dearest cost 3: one fits beside them, and no second.
      expect((await claim()).length).toBe(1);
    },
  );

  sentence("commands cost nothing, and start in any case", async ({ store, submit, claim }) => {
    await submit([taskOf("a"), taskOf("b")], runOf({ maxCostUsd: 1 }));
    await end(store, first(await claim({ scopes: [{ runId: "run-1", slots: 1 }] })), 1);
    await submit([taskOf("c", { command: "true" })], runOf({ maxCostUsd: 1 }));

    const beside = await store.claim(requestOf());

    expect(idsOf(beside.claims)).toEqual(["c"]);
    expect(beside.exhausted ?? []).toEqual([]);
  });

  sentence("what had answered is checked again although nothing more is afforded", async (scene) => {
    const { store, submit, claim } = scene;
    await submit([taskOf("a", { verify: [{ command: "x" }] }), taskOf("b")], runOf({ maxCostUsd: 1 }));
    const a = first(await claim({ scopes: [{ runId: "run-1", slots: 1 }] }));
    await store.append(a, { type: "answer", answer: costing(1) });
    await store.settle(a, { type: "lost", reason: "its engine died" });

    expect(idsOf(await claim())).toEqual(["a"]);
  });

  sentence("what a run spent before it had a ceiling counts", async (scene) => {
    const { store, submit, claim } = scene;
    await submit(["a", "b"].map((id) => taskOf(id)));
    await end(store, first(await claim({ scopes: [{ runId: "run-1", slots: 1 }] })), 4);

    await store.note("run-1", { type: "run.resumed", reused: 1, open: 1, maxCostUsd: 7 });

    expect(await store.claim(requestOf())).toMatchObject({
      claims: [],
      exhausted: [{ spentUsd: 4, largestUsd: 4, maxCostUsd: 7 }],
    });
  });

  sentence(
    "a restored run knows its ceiling and what it spent",
    async ({ store, submit, claim, journal }) => {
      await submit(
        ["a", "b"].map((id) => taskOf(id)),
        runOf({ maxCostUsd: 5 }),
      );
      await end(store, first(await claim({ scopes: [{ runId: "run-1", slots: 1 }] })), 4);
      const run = await store.run("run-1");
      const kept = await journal();
      await store.cancel("run-1", "elsewhere now");
      await store.note("run-1", { type: "run.finished", verdict: "cancelled", results: [] });
      await store.prune(Number.MAX_SAFE_INTEGER);

      await store.restore(run as RunRecord, kept);

      expect((await store.claim(requestOf())).exhausted).toEqual([
        { runId: "run-1", maxCostUsd: 5, spentUsd: 4, largestUsd: 4 },
      ]);
    },
  );
}
