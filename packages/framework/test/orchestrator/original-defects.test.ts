/**
 * What the original orchestrator and dispatcher got wrong, each by its number
 * in the list that this project keeps. What core alone can be held to is
 * proven there, the rest of it here.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AgentDispatcher, createFarmTask, functionAgent, Orchestrator } from "../../src/index.ts";
import { codeOf, folder, gate, listen, orchestratorOf, task, untilStopped } from "../support/tasks.ts";

test("F1: a task with a command really runs it", async () => {
  const root = folder();
  await using orchestrator = new Orchestrator({ root });
  orchestrator.queueTask(task("t", { command: "echo really > made.txt && echo said" }));

  const result = await orchestrator.executeTask("t");

  expect(result).toMatchObject({ status: "success", agentId: "bash" });
  expect(result.output).toContain("said");
  expect(readFileSync(join(root, "made.txt"), "utf8")).toBe("really\n");
});

test("F2: the output file of a dispatch exists, and so does that of a command", async () => {
  const root = folder();
  const dispatched = new AgentDispatcher(join(root, "deep", "outputs")).dispatch(task("a/b"));
  expect(existsSync(dispatched?.outputFile ?? "")).toBe(true);

  await using orchestrator = new Orchestrator({ root, outputDir: join(root, "out") });
  orchestrator.queueTask(task("t", { command: "echo said" }));
  const result = await orchestrator.executeTask("t");
  expect(readFileSync(result.outputFile ?? "", "utf8")).toContain("said");
  expect(orchestrator.getStatus("t")?.outputFile).toBe(result.outputFile);
});

test("F3: what a task says reaches the one who does it, and its timeout holds", async () => {
  const given: unknown[] = [];
  const orchestrator = orchestratorOf((one, tools) => {
    given.push(one);
    return untilStopped(one, tools);
  });
  const asked = createFarmTask("test", "Try it", "It works", {
    context: ["/src/a.ts"],
    constraints: ["No new dependency"],
    timeout: 30,
  });
  orchestrator.queueTask(asked);

  const result = await orchestrator.executeTask(asked.taskId);

  expect(given).toEqual([asked]);
  expect(result).toMatchObject({ status: "failure", verdict: "failed", reason: "timed out after 30ms" });
});

test("F6: progress is emitted as it is reported, and a task is seen queued before it runs", async () => {
  const orchestrator = orchestratorOf((_task, { report }) => {
    report({ progress: 40 });
    return "done";
  });
  const { lines } = listen(orchestrator);
  orchestrator.queueTask(task("t"));
  expect(orchestrator.getStatus("t")?.status).toBe("queued");

  await orchestrator.executeTask("t");

  expect(lines).toEqual(["queued t", "started t", "progress t 40", "completed t"]);
  expect(orchestrator.getStatus("t")).toMatchObject({ status: "complete", progress: 100 });
});

test("C4: a task that the overall timeout ended keeps its name, its agent, its event and its result", async () => {
  const orchestrator = orchestratorOf(untilStopped, { maxConcurrent: 1 });
  const { lines } = listen(orchestrator);
  const ids = orchestrator.queueBatch([task("runs"), task("waits")]);

  const results = await orchestrator.executeBatch(ids, { timeout: 30 });

  expect(results.results).toMatchObject([
    { taskId: "runs", agentId: "worker", status: "failure", verdict: "cancelled" },
    { taskId: "waits", agentId: "none", status: "blocked", verdict: "cancelled" },
  ]);
  expect(lines.filter((line) => line.startsWith("failed")).sort()).toEqual(["failed runs", "failed waits"]);
  expect(lines.at(-1)).toBe("batch");
  expect(orchestrator.getResults()).toEqual(results.results);
  expect(orchestrator.dispatcher.getTotalCapacity().used).toBe(0);
});

test("C6: failFast stops what waits and what runs, and every task is in the report", async () => {
  const orchestrator = orchestratorOf(
    (one, tools) => (one.taskId === "bad" ? Promise.reject(new Error("no")) : untilStopped(one, tools)),
    { maxConcurrent: 2 },
  );
  const ids = orchestrator.queueBatch(["bad", "b", "c", "d"].map((id) => task(id)));

  const results = await orchestrator.executeBatch(ids, { failFast: true });

  expect(results).toMatchObject({ successCount: 0, failureCount: 2, blockedCount: 2, cancelledCount: 3 });
  expect(results.results?.map((result) => result.taskId)).toEqual(ids);
});

test.each([0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY, "3"])(
  "C7: parallel %s is refused before anything starts",
  async (parallel) => {
    const orchestrator = orchestratorOf(() => "done");
    const { lines } = listen(orchestrator);
    const ids = orchestrator.queueBatch([task("a")]);

    const options = { parallel: parallel as number };
    expect(await codeOf(() => orchestrator.executeBatch(ids, options))).toBe("batch.invalid-option");
    expect(await codeOf(() => new Orchestrator(options))).toBe("orchestrator.invalid-option");
    expect(lines).toEqual(["queued a"]);
  },
);

test("C8: an unknown id among others is an error, and so is a batch of nothing", async () => {
  const orchestrator = orchestratorOf(() => "done");
  const { lines } = listen(orchestrator);
  orchestrator.queueTask(task("a"));

  expect(await codeOf(() => orchestrator.executeBatch(["a", "nope"]))).toBe("batch.unknown-task");
  expect(await codeOf(() => orchestrator.executeBatch([]))).toBe("batch.empty");
  expect(lines).toEqual(["queued a"]);
});

test("C9: twelve tasks over eight slots wait and all succeed", async () => {
  let running = 0;
  let peak = 0;
  const orchestrator = orchestratorOf(async () => {
    peak = Math.max(peak, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    return "done";
  });
  const ids = orchestrator.queueBatch(Array.from({ length: 12 }, (_, index) => task(`t${index}`)));

  const results = await orchestrator.executeBatch(ids, { parallel: 12 });

  expect(results).toMatchObject({ successCount: 12, failureCount: 0, blockedCount: 0 });
  expect(peak).toBe(8);
});

test("C10: dependencies are waited for, and what depends on a failure is blocked", async () => {
  const order: string[] = [];
  const orchestrator = orchestratorOf(({ taskId }) => {
    order.push(taskId);
    if (taskId === "bad") throw new Error("no");
    return "done";
  });
  const ids = orchestrator.queueBatch([
    task("last", { dependsOn: ["middle", "first"] }),
    task("middle", { dependsOn: ["first"] }),
    task("first"),
    task("bad"),
    task("behind", { dependsOn: ["bad"] }),
  ]);

  const results = await orchestrator.executeBatch(ids);

  expect(order.filter((id) => id !== "bad")).toEqual(["first", "middle", "last"]);
  expect(results.results?.find((result) => result.taskId === "behind")).toMatchObject({
    status: "blocked",
    verdict: "blocked",
    reason: "its dependency bad failed",
    attempts: 0,
  });
});

test("C10: a task is tried again as often as it says, and one that runs can be cancelled", async () => {
  const began = gate();
  let tries = 0;
  const orchestrator = orchestratorOf((one, tools) => {
    if (one.taskId === "shaky") {
      if (++tries < 3) throw new Error(`try ${tries}`);
      return "third time";
    }
    began.open();
    return untilStopped(one, tools);
  });
  const { lines } = listen(orchestrator);
  orchestrator.queueBatch([task("shaky", { retry: { maxAttempts: 3, backoff: 1 } }), task("endless")]);

  expect(await orchestrator.executeTask("shaky")).toMatchObject({ status: "success", attempts: 3 });
  expect(lines.filter((line) => line === "started shaky")).toHaveLength(3);
  expect(lines).not.toContain("failed shaky");

  const endless = orchestrator.executeTask("endless");
  await began.opened;
  await orchestrator.cancel(["endless"]);
  expect(await endless).toMatchObject({
    status: "failure",
    verdict: "cancelled",
    reason: "cancelled by the caller",
  });
});

test("C11: executing a running task joins it, executing an ended one answers with its result", async () => {
  const go = gate();
  let runs = 0;
  const orchestrator = orchestratorOf(async () => {
    runs++;
    await go.opened;
    return "done";
  });
  const { events } = listen(orchestrator);
  orchestrator.queueTask(task("t"));

  const both = [
    orchestrator.executeTask("t"),
    orchestrator.executeTask("t"),
    orchestrator.executeBatch(["t"]),
  ];
  setTimeout(go.open, 10);
  const [first, second, batch] = await Promise.all(both);

  expect(second).toBe(first);
  expect(batch).toMatchObject({ successCount: 1, results: [first] });
  expect(await orchestrator.executeTask("t")).toBe(first);
  expect(runs).toBe(1);
  expect(events.filter((event) => event.type === "task_completed")).toHaveLength(1);
});

test("C12: a high priority goes first, also among tasks executed one by one", async () => {
  const order: string[] = [];
  const orchestrator = orchestratorOf(
    ({ taskId }) => {
      order.push(taskId);
      return "done";
    },
    { maxConcurrent: 1 },
  );
  orchestrator.queueBatch([
    task("low", { priority: "low" }),
    task("normal"),
    task("high", { priority: "high" }),
  ]);

  await Promise.all(["low", "normal", "high"].map((id) => orchestrator.executeTask(id)));

  expect(order).toEqual(["high", "normal", "low"]);
});

test("G1: every task has a status of its own, however many of one agent run", async () => {
  const go = gate();
  const orchestrator = orchestratorOf(async () => {
    await go.opened;
    return "done";
  });
  const ids = orchestrator.queueBatch(["a", "b", "c"].map((id) => task(id)));
  const batch = orchestrator.executeBatch(ids, { parallel: 3 });
  orchestrator.on({
    onEvent: () => orchestrator.getAllStatus().every((one) => one.status === "running") && go.open(),
  });

  await batch;

  expect(orchestrator.getAllStatus().map(({ taskId, status }) => [taskId, status])).toEqual([
    ["a", "complete"],
    ["b", "complete"],
    ["c", "complete"],
  ]);
});

test("G2: a task that failed is no longer pending, and executing it again adds no second result", async () => {
  const orchestrator = orchestratorOf(() => {
    throw new Error("no");
  });
  orchestrator.queueTask(task("t"));

  const first = await orchestrator.executeTask("t");
  expect(orchestrator.getPendingTasks()).toEqual([]);
  expect(await orchestrator.executeTask("t")).toBe(first);
  expect(orchestrator.getResults()).toHaveLength(1);
});

test("G3: an end is emitted with its result, and only after that result is stored", async () => {
  const orchestrator = orchestratorOf(() => {
    throw new Error("no");
  });
  const seen: unknown[] = [];
  orchestrator.on({
    onEvent: (event) => {
      if (event.type !== "task_failed") return;
      const { journal } = orchestrator.getState();
      seen.push(event.error, event.result, orchestrator.getResults()[0], journal.at(-1)?.type);
    },
  });
  orchestrator.queueTask(task("t"));

  const result = await orchestrator.executeTask("t");

  expect(seen).toEqual(["no", result, result, "task.failed"]);
});

test("G4: agents are handed out as copies; replacing one or taking it away forgets nothing that it runs", async () => {
  const go = gate();
  const orchestrator = orchestratorOf(() => go.opened.then(() => "done"), { maxConcurrent: 2 });
  const { dispatcher } = orchestrator;
  orchestrator.queueBatch([task("a"), task("b")]);
  const started = gate();
  orchestrator.on({ onEvent: (event) => event.type === "task_started" && started.open() });
  const first = orchestrator.executeTask("a");
  await started.opened;

  for (const agent of dispatcher.getAllAgents()) agent.currentLoad = 99;
  expect(dispatcher.getTotalCapacity()).toEqual({ total: 2, used: 1, available: 1 });

  const again = functionAgent({ id: "worker", capabilities: ["test"], maxConcurrent: 1, run: () => "new" });
  dispatcher.registerAgent(again);
  expect(dispatcher.getAllAgents()).toMatchObject([{ id: "worker", maxConcurrent: 1, currentLoad: 1 }]);
  expect(dispatcher.isAgentAvailable("worker")).toBe(false);

  expect(dispatcher.unregisterAgent("worker")).toBe(true);
  expect(dispatcher.unregisterAgent("worker")).toBe(false);
  expect(dispatcher.getAllAgents()).toEqual([]);
  go.open();
  expect((await first).status).toBe("success");

  dispatcher.registerAgent(again);
  expect(dispatcher.getTotalCapacity()).toEqual({ total: 1, used: 0, available: 1 });
});

test("G5: a slot is freed once for each task, and never one that an attempt runs in", async () => {
  const dispatcher = new AgentDispatcher(folder());
  const reviews = ["a", "b"].map((id) => task(id, { type: "review" }));
  const agents = reviews.map((one) => dispatcher.dispatch(one)?.agentId ?? "");

  dispatcher.release(agents[0] ?? "", "a");
  dispatcher.release(agents[0] ?? "", "a");
  expect(dispatcher.getTotalCapacity().used).toBe(1);

  dispatcher.take("bash", "run-1 x");
  dispatcher.release("bash");
  dispatcher.release("bash", "x");
  expect(dispatcher.getTotalCapacity().used).toBe(2);
});
