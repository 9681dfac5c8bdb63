import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { memoryStore, systemClock } from "mai-orchestration-engine";
import { markedProcesses } from "mai-orchestration-testkit";
import { expect, test } from "vitest";
import { AgentDispatcher, functionAgent, isOverallSuccess, Orchestrator } from "../../src/index.ts";
import { codeOf, folder, gate, listen, orchestratorOf, task, untilStopped } from "../support/tasks.ts";

test("the default agents are those of the seed's table", () => {
  const rows = new AgentDispatcher()
    .getAllAgents()
    .map(({ id, capabilities, maxConcurrent }) => [...[id, capabilities.join(", "), maxConcurrent]]);
  expect(rows).toEqual([
    ["general-purpose", "implementation, test, review, research", 5],
    ["bash", "implementation, test", 3],
    ["explore", "research, review", 5],
  ]);
  expect(new Orchestrator().dispatcher.getTotalCapacity()).toEqual({ total: 13, used: 0, available: 13 });
});

test("an unknown task is a failure of the agent unknown, and no event", async () => {
  const orchestrator = orchestratorOf(() => "done");
  const { lines } = listen(orchestrator);

  expect(await orchestrator.executeTask("nope")).toMatchObject({
    taskId: "nope",
    agentId: "unknown",
    status: "failure",
    output: "Task not found: nope",
  });
  expect(lines).toEqual([]);
});

test("a dependency that nobody has done is named before anything starts", async () => {
  const orchestrator = orchestratorOf(() => "done");
  const { lines } = listen(orchestrator);
  orchestrator.queueBatch([task("a"), task("b", { dependsOn: ["a"] })]);

  expect(await codeOf(() => orchestrator.executeTask("b"))).toBe("batch.missing-dependency");
  expect(await codeOf(() => orchestrator.executeBatch(["b"]))).toBe("batch.missing-dependency");
  expect(lines).toEqual(["queued a", "queued b"]);

  await orchestrator.executeTask("a");
  expect((await orchestrator.executeTask("b")).status).toBe("success");
});

test("unknown options and bad values of a batch are refused", async () => {
  const orchestrator = orchestratorOf(() => "done");
  orchestrator.queueTask(task("a"));
  const bad = [{ paralel: 3 }, { timeout: 0 }, { timeout: Number.NaN }, { timeout: -1 }, { failFast: "yes" }];
  for (const options of bad) {
    expect(await codeOf(() => orchestrator.executeBatch(["a"], options as object))).toBe(
      "batch.invalid-option",
    );
  }
  expect(orchestrator.getPendingTasks()).toHaveLength(1);
});

test("the counts of a batch are a partition of its results", async () => {
  const orchestrator = orchestratorOf(({ taskId }) => {
    if (taskId === "bad") throw new Error("no");
    return { output: taskId, artifacts: ["a.ts"], issues: ["odd"] };
  });
  const ids = orchestrator.queueBatch([task("good"), task("bad"), task("behind", { dependsOn: ["bad"] })]);

  const results = await orchestrator.executeBatch(ids);

  expect(results).toMatchObject({
    successCount: 1,
    failureCount: 1,
    blockedCount: 1,
    cancelledCount: 0,
    artifacts: ["a.ts"],
    summary: "3 tasks: 1 succeeded, 1 failed, 1 blocked",
  });
  expect(results.results).toHaveLength(3);
  expect(isOverallSuccess(results)).toBe(false);
});

test("each task ends with one event that carries its result; a retry starts again and fails not", async () => {
  const tries = new Map<string, number>();
  const orchestrator = orchestratorOf(({ taskId }) => {
    const count = (tries.get(taskId) ?? 0) + 1;
    tries.set(taskId, count);
    if (taskId === "bad" || (taskId === "shaky" && count === 1)) throw new Error("no");
    return "done";
  });
  const { events, lines } = listen(orchestrator);
  const retry = { maxAttempts: 2, backoff: 1 };
  const ids = orchestrator.queueBatch([task("good"), task("shaky", { retry }), task("bad", { retry })]);

  await orchestrator.executeBatch(ids);

  const of = (id: string): string[] =>
    lines.filter((line) => line.endsWith(` ${id}`)).map((line) => line.split(" ")[0] ?? "");
  expect(of("good")).toEqual(["queued", "started", "completed"]);
  expect(of("shaky")).toEqual(["queued", "started", "started", "completed"]);
  expect(of("bad")).toEqual(["queued", "started", "started", "failed"]);
  expect(lines.at(-1)).toBe("batch");
  for (const event of events) {
    if (event.type === "task_completed" || event.type === "task_failed")
      expect(event.result?.verdict).toBeDefined();
  }
});

test("an event is told before the promise of its task resolves, and one listener's throw disturbs nobody", async () => {
  const orchestrator = orchestratorOf(() => "done");
  const order: string[] = [];
  const log = console.error;
  console.error = () => undefined;
  orchestrator.on({
    onEvent: () => {
      throw new Error("a listener of somebody's own");
    },
  });
  orchestrator.on({ onEvent: (event) => order.push(event.type) });
  orchestrator.queueTask(task("a"));

  await orchestrator.executeTask("a").then(() => order.push("resolved"));

  console.error = log;
  expect(order).toEqual(["task_queued", "task_started", "task_completed", "resolved"]);
});

test("a task that a listener queues and executes is done", async () => {
  const orchestrator = orchestratorOf(() => "done");
  let second: Promise<unknown> | undefined;
  orchestrator.on({
    onEvent: (event) => {
      if (event.type !== "task_completed" || event.result.taskId !== "a") return;
      orchestrator.queueTask(task("b"));
      second = orchestrator.executeTask("b");
    },
  });
  orchestrator.queueTask(task("a"));
  await orchestrator.executeTask("a");

  expect(await second).toMatchObject({ status: "success" });
});

test("a task that no agent could do is blocked with the reason, and what depends on it too", async () => {
  const reviewer = functionAgent({ id: "r", capabilities: ["review"], maxConcurrent: 1, run: () => "ok" });
  const orchestrator = new Orchestrator({ dispatcher: new AgentDispatcher(folder(), [reviewer]) });
  const { lines } = listen(orchestrator);
  const ids = orchestrator.queueBatch([
    task("a"),
    task("b", { type: "review", agent: "nobody" }),
    task("c", { type: "review", dependsOn: ["a"] }),
    task("d", { type: "review" }),
  ]);

  const results = await orchestrator.executeBatch(ids);

  expect(results).toMatchObject({ successCount: 1, blockedCount: 3 });
  expect(results.results?.[0]?.reason).toBe("No agent available for it among: r");
  expect(lines.filter((line) => line.startsWith("failed"))).toHaveLength(3);
  await orchestrator.close();
});

test("a custom agent may be a plain object with a run, and works on a copy of its task", async () => {
  const agent = {
    id: "own",
    name: "Own",
    capabilities: ["review" as const],
    maxConcurrent: 1,
    currentLoad: 7,
    run: async (one: { description: string }) => {
      one.description = "changed";
      return { output: "done" };
    },
  };
  await using orchestrator = new Orchestrator({ agents: [agent] });
  orchestrator.queueTask(task("t", { type: "review", agent: "own" }));

  expect(await orchestrator.executeTask("t")).toMatchObject({
    status: "success",
    agentId: "own",
    output: "done",
  });
  expect(JSON.stringify(orchestrator.getState().journal)).not.toContain("changed");
});

test.each([[42], [{ output: 7 }], [{ artifacts: "a" }], [{ issues: [1] }]])(
  "a function that returns %j fails its task and nothing else",
  async (garbage) => {
    const orchestrator = orchestratorOf(({ taskId }) => (taskId === "bad" ? (garbage as never) : undefined));
    const ids = orchestrator.queueBatch([task("bad"), task("good")]);

    const { results } = await orchestrator.executeBatch(ids);

    expect(results).toMatchObject(
      [
        { status: "failure", reason: /^the function/ },
        { status: "success", output: "" },
      ].map((one) => ("reason" in one ? { ...one, reason: expect.stringMatching(one.reason) } : one)),
    );
  },
);

test.each([
  [{ maxConcurrent: 0 }],
  [{ maxConcurrent: Number.POSITIVE_INFINITY }],
  [{ maxConcurrent: 1.5 }],
  [{ capabilities: [] }],
  [{ capabilities: undefined }],
  [{ capabilities: ["dance"] }],
  [{ id: "" }],
  [{ id: "half \ud800" }],
  [{ backend: "codex" }],
  [{ backend: "function" }],
  [{ run: "text" }],
])("the agent with %j is refused", async (wrong) => {
  const dispatcher = new AgentDispatcher(folder());
  const before = dispatcher.getAllAgents();
  const agent = { id: "x", name: "X", capabilities: ["test"], maxConcurrent: 1, currentLoad: 0, ...wrong };
  expect(await codeOf(() => dispatcher.registerAgent(agent as never))).toBe("agent.invalid");
  expect(dispatcher.getAllAgents()).toEqual(before);
});

test.each([
  [{ taskId: "" }],
  [{ taskId: "nul \0" }],
  [{ taskId: "half \udc00" }],
  [{ taskId: 7 }],
  [{ type: "dance" }],
  [{ description: undefined }],
  [{ context: "a" }],
  [{ timeout: 0 }],
  [{ timeout: Number.POSITIVE_INFINITY }],
  [{ priority: "urgent" }],
  [{ dependsOn: ["a"] }],
  [{ locks: ["half \ud800"] }],
  [{ verify: "true" }],
  [{ verify: [{ command: "" }] }],
  [{ retry: { maxAttempts: 0 } }],
  [{ env: { A: 1 } }],
  [{ context: [], extra: 1n }],
])("the task with %s is refused, and none of its batch is queued", async (wrong) => {
  const orchestrator = orchestratorOf(() => "done");
  const tasks = [task("first"), { ...task("a"), ...(wrong as object) }];
  expect(await codeOf(() => orchestrator.queueBatch(tasks))).toBe("task.invalid");
  expect(orchestrator.getPendingTasks()).toEqual([]);
});

test("a different task under a known id, an unknown dependency and a cycle are refused; the orchestrator works on", async () => {
  const orchestrator = orchestratorOf(() => "done");
  expect(orchestrator.queueTask(task("a"))).toBe("a");
  expect(orchestrator.queueTask(task("a"))).toBe("a");
  expect(await codeOf(() => orchestrator.queueTask(task("a", { priority: "low" })))).toBe("task.conflict");
  expect(await codeOf(() => orchestrator.queueTask(task("b", { dependsOn: ["c"] })))).toBe(
    "plan.unknown-dependency",
  );
  const cycle = [task("x", { dependsOn: ["y"] }), task("y", { dependsOn: ["x"] })];
  expect(await codeOf(() => orchestrator.queueBatch(cycle))).toBe("plan.cycle");

  expect((await orchestrator.executeTask("a")).status).toBe("success");
  expect(orchestrator.getAllStatus()).toHaveLength(1);
});

test("a queued task never changes, whatever its caller does to it", async () => {
  const orchestrator = orchestratorOf((one) => one.description);
  const given = task("t");
  orchestrator.queueTask(given);
  given.description = "something else";

  expect((await orchestrator.executeTask("t")).output).toBe("do t");
});

test("S6: clear() frees what its tasks held, tells those who wait, and a new task under an old id is new", async () => {
  const began = gate();
  const orchestrator = orchestratorOf((one, tools) => {
    if (one.description === "new") return "new";
    began.open();
    return untilStopped(one, tools);
  });
  const { lines } = listen(orchestrator);
  orchestrator.queueBatch([task("t"), task("waits")]);
  const old = orchestrator.executeTask("t");
  await began.opened;

  orchestrator.clear();
  expect(orchestrator.getPendingTasks()).toEqual([]);
  expect(orchestrator.getState().run).toBe(null);
  orchestrator.queueTask(task("t", { description: "new" }));
  const fresh = await orchestrator.executeTask("t");

  expect(await old).toMatchObject({ verdict: "cancelled", reason: "forgotten by its orchestrator" });
  expect(fresh).toMatchObject({ status: "success", output: "new" });
  expect(orchestrator.getResults()).toEqual([fresh]);
  await orchestrator.flush();
  expect(orchestrator.dispatcher.getTotalCapacity().used).toBe(0);
  expect(lines.filter((line) => line === "failed t" || line === "failed waits")).toHaveLength(2);
});

test("close() ends what runs and rejects those who wait; afterwards everything is refused", async () => {
  const began = gate();
  let stopped = false;
  const orchestrator = orchestratorOf((_task, { signal }) => {
    began.open();
    return new Promise((resolve) =>
      signal.addEventListener("abort", () => {
        stopped = true;
        resolve("late");
      }),
    );
  });
  orchestrator.queueBatch([task("a"), task("b")]);
  const one = codeOf(() => orchestrator.executeTask("a"));
  const batch = codeOf(() => orchestrator.executeBatch(["a", "b"], { timeout: 60_000 }));
  await began.opened;

  await orchestrator.close();
  await orchestrator.close();

  expect(stopped).toBe(true);
  expect([await one, await batch]).toEqual(["orchestrator.closed", "orchestrator.closed"]);
  for (const refused of [
    () => orchestrator.queueTask(task("c")),
    () => orchestrator.executeTask("a"),
    () => orchestrator.executeBatch(["a"]),
    () => orchestrator.cancel(),
    () => orchestrator.flush(),
    () => orchestrator.clear(),
  ]) {
    expect(await codeOf(refused)).toBe("orchestrator.closed");
  }
  expect(orchestrator.getPendingTasks()).toHaveLength(2);
});

test("close() in the same turn as execute starts nothing", async () => {
  let runs = 0;
  const orchestrator = orchestratorOf(() => `run ${++runs}`);
  orchestrator.queueTask(task("a"));
  const waiting = codeOf(() => orchestrator.executeTask("a"));

  await orchestrator.close();

  expect(await waiting).toBe("orchestrator.closed");
  expect(runs).toBe(0);
});

test("cancel() names what it does not know, and cancels what was never executed", async () => {
  const orchestrator = orchestratorOf(() => "done");
  orchestrator.queueBatch([task("a"), task("b")]);

  expect(await codeOf(() => orchestrator.cancel(["nope"]))).toBe("batch.unknown-task");
  await orchestrator.cancel(["a"], "not needed");

  expect(orchestrator.getResults()).toMatchObject([{ taskId: "a", status: "blocked", reason: "not needed" }]);
  expect((await orchestrator.executeTask("a")).verdict).toBe("cancelled");
});

test("a task that somebody else cancelled in the store is told when it is executed", async () => {
  const store = memoryStore(systemClock);
  const orchestrator = orchestratorOf(() => "done", { store });
  orchestrator.queueBatch([task("a"), task("b")]);
  await orchestrator.flush();
  await store.cancel(orchestrator.getState().run?.runId ?? "", "by another", ["a"]);

  const results = await orchestrator.executeBatch(["a", "b"]);

  expect(results).toMatchObject({ successCount: 1, cancelledCount: 1 });
  await orchestrator.close();
  // The store is its owner's: still open, with the run finished in it.
  expect((await store.runs())[0]).toMatchObject({ verdict: "cancelled" });
});

test("a command's exit code, directory and environment are its own, and nothing of it is left", async () => {
  const root = folder();
  await using orchestrator = new Orchestrator({ root, outputDir: join(root, "out") });
  orchestrator.queueBatch([
    task("mkdir", { command: "mkdir sub" }),
    task("place", {
      command: 'test "$COLOUR" = blue && pwd',
      cwd: "sub",
      env: { COLOUR: "blue" },
      dependsOn: ["mkdir"],
    }),
    task("bad", { command: "echo oh dear >&2; exit 3" }),
    task("endless", { command: "sleep 300 & sleep 300", timeout: 200 }),
    task("outside", { command: "true", cwd: "../.." }),
  ]);
  const runId = (): string => orchestrator.getState().run?.runId ?? "";

  const { results = [] } = await orchestrator.executeBatch(["mkdir", "place", "bad", "endless", "outside"]);

  const [, place, bad, endless, outside] = results;
  expect(place).toMatchObject({ status: "success", output: expect.stringContaining(join(root, "sub")) });
  expect(bad).toMatchObject({
    status: "failure",
    reason: expect.stringContaining("3"),
    output: expect.stringContaining("oh dear"),
  });
  expect(endless).toMatchObject({ status: "failure", reason: "timed out after 200ms" });
  expect(outside).toMatchObject({ status: "failure", reason: expect.stringContaining("leaves the root") });
  expect(await markedProcesses(`${runId()}/endless/1`)).toEqual([]);
  expect(readFileSync(bad?.outputFile ?? "", "utf8")).toContain("oh dear");
});

test("checks are run by the engine, for functions too, and their receipts are in the result", async () => {
  const root = folder();
  const orchestrator = orchestratorOf(() => "I swear it is done", { root, outputDir: join(root, "out") });
  orchestrator.queueBatch([
    task("liar", { verify: [{ command: "echo looked; test -e proof.txt" }] }),
    task("honest", { verify: [{ command: "true" }] }),
  ]);

  const { results } = await orchestrator.executeBatch(["liar", "honest"]);

  expect(results).toMatchObject([
    {
      verdict: "failed",
      receipts: [{ exitCode: 1, passed: false, outputTail: expect.stringContaining("looked") }],
    },
    { verdict: "verified", receipts: [{ command: "true", exitCode: 0, passed: true }] },
  ]);
  expect(existsSync(results?.[0]?.outputFile ?? "")).toBe(true);
  expect(readdirSync(root).sort()).toEqual(["out"]);
});

test("the duration of a task cancelled while it waits for its next attempt is that of the last one", async () => {
  const failed = gate();
  const store = memoryStore(systemClock);
  const orchestrator = orchestratorOf(
    () => {
      failed.open();
      throw new Error("no");
    },
    { store },
  );
  orchestrator.queueTask(task("t", { retry: { maxAttempts: 2, backoff: 60_000 } }));
  const before = Date.now();
  const result = orchestrator.executeTask("t");
  await failed.opened;
  const runId = orchestrator.getState().run?.runId ?? "";
  while ((await store.counts(runId)).phases["retry-wait"] !== 1)
    await new Promise((resolve) => setImmediate(resolve));
  const tookAtMost = Date.now() - before;
  await new Promise((resolve) => setTimeout(resolve, tookAtMost + 50));

  await orchestrator.cancel(["t"]);

  expect((await result).duration).toBeLessThanOrEqual(tookAtMost);
});
