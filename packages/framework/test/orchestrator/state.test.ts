import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { memoryStore, systemClock } from "mai-orchestration-engine";
import { expect, test } from "vitest";
import { Orchestrator } from "../../src/index.ts";
import { codeOf, folder, gate, listen, orchestratorOf, task, untilStopped } from "../support/tasks.ts";

/** An orchestrator with one task done, one running, one waiting for it, and its state through JSON. */
async function leftBehind(store?: string): Promise<{ state: string; orchestrator: Orchestrator }> {
  const began = gate();
  const orchestrator = orchestratorOf(
    (one, tools) => {
      if (one.taskId === "done") return "first life";
      began.open();
      return untilStopped(one, tools);
    },
    store === undefined ? {} : { store },
  );
  const ids = orchestrator.queueBatch([task("done"), task("runs"), task("waits", { dependsOn: ["runs"] })]);
  await orchestrator.executeTask("done");
  orchestrator.executeBatch(ids, { parallel: 2 }).catch(() => undefined);
  await began.opened;
  return { state: JSON.stringify(orchestrator.getState()), orchestrator };
}

test("S1, S2, S3, S5: a state goes through JSON; what ran is ready again with the next attempt, what ended is not", async () => {
  const { state } = await leftBehind();
  let runs = 0;
  const restored = orchestratorOf(() => `second life ${++runs}`);

  await restored.restoreState(JSON.parse(state));

  expect(restored.getAllStatus().map(({ taskId, status }) => [taskId, status])).toEqual([
    ["done", "complete"],
    ["runs", "queued"],
    ["waits", "queued"],
  ]);
  expect(restored.getAllStatus()[0]?.endTime).toBeInstanceOf(Date);
  expect(restored.dispatcher.getTotalCapacity().used).toBe(0);
  expect(restored.getPendingTasks().map((one) => one.taskId)).toEqual(["runs", "waits"]);

  const results = await restored.executeBatch(["done", "runs", "waits"]);
  expect(results.results).toMatchObject([
    { output: "first life", attempts: 1 },
    { output: "second life 1", attempts: 2 },
    { output: "second life 2", attempts: 1 },
  ]);
});

test("S4: the state has a version and names the batch that runs, with its tasks and options", async () => {
  const { state, orchestrator } = await leftBehind();
  const { version, batchId, batches } = JSON.parse(state);

  expect(version).toBe(1);
  expect(batches).toEqual([{ batchId, taskIds: ["done", "runs", "waits"], options: { parallel: 2 } }]);
  await orchestrator.close();
  expect(orchestrator.getState().batchId).toBeUndefined();
});

test("a restored task that is queued again is the same task", async () => {
  const { state } = await leftBehind();
  const restored = orchestratorOf(() => "done");
  await restored.restoreState(state);

  const runs = restored.getPendingTasks()[0];
  if (runs !== undefined) restored.queueTask(runs);

  expect(restored.getPendingTasks()).toHaveLength(2);
  expect(await codeOf(() => restored.queueTask(task("done", { type: "review" })))).toBe("task.conflict");
});

test("on disk the state only names store and run; another orchestrator attaches to them", async () => {
  const path = join(folder(), ".mai", "mai.db");
  const { state, orchestrator } = await leftBehind(path);
  expect(JSON.parse(state)).toMatchObject({ store: path, journal: [] });
  await orchestrator.close();

  const restored = orchestratorOf(() => "second life");
  await restored.restoreState(state);
  expect(restored.getResults()).toMatchObject([{ taskId: "done", output: "first life" }]);
  const results = await restored.executeBatch(["runs", "waits"]);
  expect(results.results).toMatchObject([{ attempts: 2 }, { output: "second life" }]);
  await restored.close();
  expect(readFileSync(join(path, "..", ".gitignore"), "utf8")).toBe("*\n");
});

test("a run is finished when it is closed with all ended, and open again from the next work on", async () => {
  const store = memoryStore(systemClock);
  const types = async (): Promise<string[]> =>
    (await store.journal(0)).map((entry) => entry.type).filter((type) => type.startsWith("run."));
  const first = orchestratorOf(() => "done", { store });
  first.queueTask(task("a"));
  await first.executeTask("a");
  const state = { ...first.getState(), store: "memory" };
  await first.close();
  expect(await types()).toEqual(["run.created", "run.finished"]);

  const reader = orchestratorOf(() => "done", { store });
  await reader.restoreState(state);
  expect(reader.getResults()).toHaveLength(1);
  await reader.close();
  expect(await types()).toEqual(["run.created", "run.finished"]);

  const second = orchestratorOf(() => "done", { store });
  await second.restoreState(state);
  second.queueTask(task("b"));
  await second.flush();
  expect((await store.runs())[0]?.finishedAt).toBe(null);
  await second.close();
  expect(await types()).toEqual(["run.created", "run.finished", "run.resumed", "run.interrupted"]);

  const third = orchestratorOf(() => "done", { store });
  await third.restoreState(state);
  await third.executeTask("b");
  await third.close();
  expect((await types()).slice(4)).toEqual(["run.resumed", "run.finished"]);
});

const good = async (): Promise<Record<string, unknown>> => JSON.parse((await leftBehind()).state);

test.each<[string, string, (state: Record<string, unknown>) => unknown]>([
  ["from a newer version", "state.newer-version", (state) => ({ ...state, version: 2 })],
  ["without a version", "state.invalid", ({ version: _, ...state }) => state],
  ["that was cut off", "state.invalid", (state) => JSON.stringify(state).slice(0, -40)],
  ["that is null", "state.invalid", () => null],
  ["that is a number", "state.invalid", () => 7],
  [
    "of the original, with maps",
    "state.invalid",
    () => ({ activeTasks: new Map(), agentStatus: new Map(), pendingResults: [] }),
  ],
  ["with a store that is no path", "state.invalid", (state) => ({ ...state, store: 7 })],
  ["without a run", "state.invalid", ({ run: _, ...state }) => state],
  ["with half a run", "state.invalid", (state) => ({ ...state, run: { runId: "run-1" } })],
  ["without a journal", "state.invalid", ({ journal: _, ...state }) => state],
  ["with null in its journal", "state.invalid", (state) => ({ ...state, journal: [null] })],
  [
    "whose journal does not fold",
    "state.invalid",
    (state) => ({ ...state, journal: (state["journal"] as unknown[]).slice(3) }),
  ],
])("a state %s is refused, and nothing is changed", async (_, code, damage) => {
  const bad = damage(await good());
  const orchestrator = orchestratorOf(() => "done");
  let hint: unknown;
  const restore = async (): Promise<void> => {
    try {
      await orchestrator.restoreState(bad as never);
    } catch (error) {
      hint = (error as { hint?: string }).hint;
      throw error;
    }
  };

  expect(await codeOf(restore)).toBe(code);
  expect(hint).toMatch(/\w/);
  expect(orchestrator.getAllStatus()).toEqual([]);

  orchestrator.queueTask(task("still works"));
  expect((await orchestrator.executeTask("still works")).status).toBe("success");
});

test("a state whose store is gone is refused, and no store is made in its place", async () => {
  const path = join(folder(), ".mai", "mai.db");
  const { state, orchestrator } = await leftBehind(path);
  await orchestrator.close();
  const moved = { ...JSON.parse(state), store: join(folder(), "gone.db") };
  const restored = orchestratorOf(() => "done");

  expect(await codeOf(() => restored.restoreState(moved))).toBe("store.not-found");
  expect(await codeOf(() => restored.flush())).toBe("store.not-found");
});

test("a file that is no store is refused by the first task, and stays as it is", async () => {
  const path = join(folder(), "mine.db");
  writeFileSync(path, "my own notes, long enough to be no empty file");
  await using orchestrator = new Orchestrator({ store: path });
  const { lines } = listen(orchestrator);

  expect(await codeOf(() => orchestrator.queueTask(task("a")))).toBe("store.not-ours");
  expect(readFileSync(path, "utf8")).toContain("my own notes");
  expect(lines).toEqual([]);
});

test("getState() does not wait, does not disturb, and knows what was queued a moment ago", async () => {
  const orchestrator = orchestratorOf(() => "done");
  expect(orchestrator.getState()).toMatchObject({
    run: null,
    journal: [],
    summary: "0 of 0 tasks ended, 0 open",
  });
  orchestrator.queueTask(task("a"));

  const state = orchestrator.getState();
  const restored = orchestratorOf(() => "restored");
  await restored.restoreState(state);

  expect((await restored.executeTask("a")).output).toBe("restored");
  expect((await orchestrator.executeTask("a")).output).toBe("done");
});
