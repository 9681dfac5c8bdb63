import { join } from "node:path";
import type { FarmTask } from "mai-orchestration-core";
import { unknownUsage } from "mai-orchestration-core";
import { type Agent, type AgentOutcome, type Store, systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { expect, onTestFinished, test } from "vitest";
import { watchExecution } from "../../src/cli/run/watch-execution.ts";
import { presenterFor } from "../../src/cli/watch/presenter.ts";
import { startRun } from "../../src/execution/execution.ts";
import { folder, jsonLines, testIo } from "../support/test-io.ts";

function openStore(root: string): Store {
  const store = openSqliteStore({ path: join(root, ".mai", "mai.db"), clock: systemClock });
  onTestFinished(() => store.close());
  return store;
}

function task(taskId: string, type: FarmTask["type"]): FarmTask {
  return { taskId, type, description: taskId, context: [], constraints: [], successCriteria: "ok" };
}

function agent(agentId: string, type: FarmTask["type"], run: () => Promise<AgentOutcome>): Agent {
  return {
    agentId,
    capabilities: [type],
    commands: false,
    prose: true,
    maxConcurrent: 1,
    backend: "function",
    maxAttemptsFor: () => 1,
    run,
  };
}

test("with --no-wait a run stops with 3 once only a quota is waited for, and not while something else runs", async () => {
  const root = folder();
  const store = openStore(root);
  const usedUp: AgentOutcome = {
    type: "failed",
    kind: "quota",
    reason: "limit reached",
    output: "",
    usage: unknownUsage,
  };
  const done: AgentOutcome = { type: "answered", output: "done", usage: unknownUsage };
  const agents = [
    agent("limited", "review", async () => usedUp),
    agent("slow", "test", () => new Promise((resolve) => setTimeout(() => resolve(done), 200))),
  ];
  const tasks = [
    task("waits", "review"),
    { ...task("behind", "review"), dependsOn: ["waits"] },
    task("works", "test"),
  ];
  const { io, out, err } = testIo(root);

  const execution = await startRun({
    store,
    agents,
    name: null,
    tasks,
    root,
    parallel: null,
    failFast: false,
    timeoutMs: null,
  });
  const presenter = presenterFor(execution.runId, io, { json: true, inStore: "" });
  const code = await watchExecution(execution, store, presenter, io, {
    json: true,
    noWait: true,
    afterSeq: 0,
    inStore: "",
  });

  expect(code).toBe(3);
  const lines = jsonLines(out());
  expect(lines.at(-1)).toMatchObject({ type: "run.interrupted", reason: "only a quota is waited for" });
  expect(lines.filter((line) => line["type"] === "task.succeeded")).toMatchObject([{ taskId: "works" }]);
  expect(err()).toContain(`mai resume ${execution.runId}`);
});
