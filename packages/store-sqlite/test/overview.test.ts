import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type FarmTask, noUsage } from "mai-orchestration-core";
import { type Store, systemClock } from "mai-orchestration-engine";
import { expect, test } from "vitest";
import { openSqliteStore } from "../src/index.ts";
import { type EndType, endTypes, type Overview, overviewOfStore } from "../src/overview/index.ts";

const worker = { workerId: "w", pid: 1, started: "0", host: "elsewhere" };
const limits = { parallel: null, failFast: false, timeoutMs: null, sharedChecks: false };
const agent = {
  agentId: "a",
  capabilities: ["test" as const],
  commands: true,
  prose: false,
  maxConcurrent: 99,
};

type Step =
  | { readonly type: "submit"; readonly run: number; readonly tasks: number }
  | { readonly type: "claim"; readonly run: number; readonly slots: number }
  | { readonly type: "settle"; readonly outcome: "succeeded" | "failed" }
  | { readonly type: "cancel" | "finish"; readonly run: number }
  | { readonly type: "look" };

const run = fc.integer({ min: 0, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant("submit" as const), run, tasks: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ type: fc.constant("claim" as const), run, slots: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ type: fc.constant("settle" as const), outcome: fc.constantFrom("succeeded", "failed") }),
  fc.record({ type: fc.constantFrom("cancel", "finish"), run }),
  fc.record({ type: fc.constant("look" as const) }),
);

test("whatever happens between looks, each end is told in exactly one, and counts are those of the tasks", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), "mai-overview-"));
      const path = join(folder, "mai.db");
      const store = openSqliteStore({ path, clock: systemClock, durability: "normal" });
      try {
        const told: string[] = [];
        let afterSeq = overviewOfStore(path, query(null)).seq;
        const look = async (): Promise<void> => {
          const overview = overviewOfStore(path, query(afterSeq));
          afterSeq = overview.seq;
          told.push(...endsIn(overview));
          await compareCounts(store, overview);
        };
        const play = player(store, folder);
        for (const one of steps) await (one.type === "look" ? look() : play(one));
        await look();
        expect(told.sort()).toEqual((await endsInJournal(store)).sort());
      } finally {
        await store.close();
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 40 },
  );
});

function query(afterSeq: number | null) {
  return { afterSeq, mostRuns: 10, mostTasks: 100 };
}

function endsIn(overview: Overview): string[] {
  return overview.runs.flatMap(({ run: { runId }, ends, ended }) => {
    for (const type of endTypes) expect(ended.filter((task) => task.type === type)).toHaveLength(ends[type]);
    return ended.map(({ taskId, type }) => `${runId}/${taskId} ${type}`);
  });
}

async function endsInJournal(store: Store): Promise<string[]> {
  const entries = await store.journal(0, { limit: 10_000 });
  const ends = entries.filter(({ type }) => endTypes.includes(type as EndType));
  return ends.map(({ runId, taskId, type }) => `${runId}/${taskId} ${type}`);
}

async function compareCounts(store: Store, overview: Overview): Promise<void> {
  for (const { run: record, counts, held } of overview.runs) {
    const tasks = await store.tasks({ runId: record.runId });
    const phases: Record<string, number> = {};
    for (const { phase } of tasks) phases[phase] = (phases[phase] ?? 0) + 1;
    expect(counts).toMatchObject({ total: tasks.length, phases });
    expect(held).toHaveLength(phases["running"] ?? 0);
  }
}

function player(store: Store, root: string): (step: Step) => Promise<void> {
  let count = 0;
  const open: Awaited<ReturnType<Store["claim"]>>["claims"][number][] = [];
  const spec = (dependsOn: string[]): FarmTask => ({
    ...{ taskId: `t${count++}`, type: "test", description: "d", successCriteria: "s", command: "true" },
    ...{ context: [], constraints: [], dependsOn },
  });
  return async (one) => {
    const runId = "run" in one ? `run-${one.run}` : "";
    if (one.type !== "submit" && runId !== "" && (await store.run(runId)) === undefined) return;
    switch (one.type) {
      case "submit": {
        const first = spec([]);
        const others = Array.from({ length: one.tasks - 1 }, () => spec([first.taskId]));
        return store.submit({ runId, name: null, root, ...limits }, [first, ...others]);
      }
      case "claim": {
        const scopes = [{ runId, slots: one.slots }];
        const offers = [{ ...agent, free: 99, maxAttemptsFor: () => 1 }];
        open.push(...(await store.claim({ worker, scopes, offers, idle: false })).claims);
        return;
      }
      case "settle": {
        const claim = open.shift();
        if (claim === undefined) return;
        const failed = {
          kind: "task",
          reason: "exit 1",
          feedback: null,
          retryAt: null,
          answer: null,
        } as const;
        const answer = {
          ...{ output: "", outputFile: null, artifacts: [], issues: [], sessionId: null, usage: noUsage },
          ...{ durationMs: 1, sharedWorkspace: false },
        };
        const { outcome } = one;
        await store.settle(
          claim,
          outcome === "failed" ? { type: outcome, ...failed } : { type: outcome, answer },
        );
        return;
      }
      case "cancel":
        await store.cancel(runId, "because");
        return;
      case "finish":
        return store.note(runId, { type: "run.finished", verdict: "failed", results: [] });
    }
  };
}
