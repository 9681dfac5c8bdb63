import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { call, connect, folder, tasks } from "./support/project.ts";

describe("what a client is offered", () => {
  test("the tools, each with a schema of its answer", async () => {
    const client = await connect(folder());

    const { tools } = await client.listTools();

    expect(tools.map(({ name }) => name).sort()).toEqual([
      "approve",
      "cancel",
      "reject",
      "results",
      "resume",
      "status",
      "submit",
      "why",
    ]);
    for (const { outputSchema, description } of tools) {
      expect(outputSchema?.properties).toHaveProperty("ok");
      expect(description).toBeTruthy();
    }
    expect(client.getInstructions()).toContain("`submit` starts a run");
    expect(client.getServerCapabilities()).not.toHaveProperty("tasks");
  });

  test("only what looks, when it is to be read only", async () => {
    const client = await connect(folder(), ["--read-only"]);

    const { tools } = await client.listTools();

    expect(tools.map(({ name }) => name).sort()).toEqual(["results", "status", "why"]);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true);
    const refused = await client.callTool({
      name: "submit",
      arguments: { key: "k", tasks: tasks({ a: "true" }) },
    });
    expect(refused.isError).toBe(true);
  });
});

describe("work that waits for a person", () => {
  test("says so at once, starts on a yes that is passed on, and is told a no", async () => {
    const root = folder();
    const client = await connect(root);
    const asking = tasks({ go: "echo went", stay: "echo never" }).map((task) => ({
      ...task,
      approval: "before",
    }));
    const { runId: run } = await call(client, "submit", { key: "asks", tasks: asking });

    const status = await call(client, "status", { run, wait_seconds: 60 });
    const yes = await call(client, "approve", { run, task: "go", note: "do it" });
    const again = await call(client, "approve", { run, task: "go" });
    const no = await call(client, "reject", { run, task: "stay" });
    const late = await call(client, "approve", { run, task: "stay" });
    await call(client, "status", { run, wait_seconds: 60 });
    const { results } = await call(client, "results", { run });

    expect(status).toMatchObject({
      phases: { "approval-wait": 2 },
      asking: [{ taskId: "go", attempt: 0 }, {}],
    });
    expect(yes).toMatchObject({ ok: true, changed: true, phase: "ready" });
    expect(again).toMatchObject({ ok: true, changed: false });
    expect(no).toMatchObject({ ok: true, phase: "ended", verdict: "blocked" });
    expect(late).toMatchObject({ ok: false, error: { code: "task.not-waiting" } });
    const go = (results as Record<string, unknown>[]).find(({ taskId }) => taskId === "go");
    expect(go).toMatchObject({
      status: "success",
      approvals: [{ via: "mcp", note: "do it", approved: true }],
    });
  });
});

describe("work that is handed out", () => {
  test("goes on in a process of its own, is waited for with progress, and gives each result once", async () => {
    const root = folder();
    const client = await connect(root);
    const seen: number[] = [];

    const started = await call(client, "submit", {
      key: "six",
      name: "six",
      tasks: tasks({ a: "echo from a", b: "echo from b", c: "exit 3" }),
    });
    const run = started["runId"];
    const status = await call(client, "status", { run, wait_seconds: 60 }, ({ progress }) =>
      seen.push(progress),
    );
    const first = await call(client, "results", { run, limit: 2 });
    const second = await call(client, "results", { run, after: first["next"] });
    const third = await call(client, "results", { run, after: second["next"] });

    expect(started).toMatchObject({ ok: true, runId: expect.stringMatching(/^run-/) });
    expect(status).toMatchObject({
      ok: true,
      name: "six",
      state: "failed",
      driver: null,
      total: 3,
      ended: 3,
    });
    expect(seen.length).toBeGreaterThan(0);
    expect(first).toMatchObject({ more: true, open: 0 });
    expect(second).toMatchObject({ more: false });
    expect(third["results"]).toEqual([]);
    const results = [...(first["results"] as object[]), ...(second["results"] as object[])] as {
      taskId: string;
      status: string;
      output: string;
    }[];
    expect(results.map(({ taskId }) => taskId).sort()).toEqual(["a", "b", "c"]);
    expect(results.find(({ taskId }) => taskId === "a")).toMatchObject({
      status: "success",
      output: "from a\n",
    });
    expect(results.find(({ taskId }) => taskId === "c")).toMatchObject({
      status: "failure",
      verdict: "failed",
    });
  });

  test("is started once under one key, whoever asks, and refused for other tasks", async () => {
    const root = folder();
    const [one, two] = await Promise.all([connect(root), connect(root)]);
    const work = { key: "once", tasks: tasks({ a: "echo x >> ran.txt" }) };

    const both = await Promise.all([call(one, "submit", work), call(two, "submit", work)]);
    const run = both[0]?.["runId"];
    await call(one, "status", { run, wait_seconds: 60 });
    const again = await call(two, "submit", work);
    const other = await call(two, "submit", { key: "once", tasks: tasks({ a: "echo y" }) });

    expect(both.map((each) => each["runId"])).toEqual([run, run]);
    expect(again["runId"]).toBe(run);
    expect(other).toMatchObject({ ok: false, error: { code: "run.key-used", hint: expect.any(String) } });
    expect(readFileSync(join(root, "ran.txt"), "utf8")).toBe("x\n");
  });

  test("is cancelled, with proof, and says why", async () => {
    const client = await connect(folder());
    const long = tasks({ long: "tail -f /dev/null", after: "true" });
    const chained = long.map((task) => (task["id"] === "after" ? { ...task, depends_on: ["long"] } : task));
    const { runId: run } = await call(client, "submit", { key: "c", tasks: chained });

    const waits = await call(client, "why", { task: "after", run });
    const cancelled = await call(client, "cancel", { run });
    const twice = await call(client, "cancel", { run });
    const status = await call(client, "status", { run });

    expect(waits).toMatchObject({ ok: true, phase: "queued" });
    expect(cancelled).toMatchObject({ ok: true, running: [] });
    expect((cancelled["ended"] as string[]).sort()).toEqual(["after", "long"]);
    expect(twice).toMatchObject({ ok: true, ended: [] });
    expect(status).toMatchObject({ state: "cancelled", ended: 2 });
  });

  test("goes on after its engine was killed, by resume and by the same key", async () => {
    const root = folder();
    const client = await connect(root);
    const command = "echo started >> ran.txt; while [ ! -e go ]; do sleep 0.05; done";
    const work = { key: "k", tasks: tasks({ quick: "true", slow: command }) };
    const { runId: run } = await call(client, "submit", work);
    await until(() => existsSync(join(root, "ran.txt")));

    for (const reviver of ["resume", "submit"]) {
      process.kill((await call(client, "status", { run }))["pid"] as number, "SIGKILL");
      await untilAsync(async () => (await call(client, "status", { run }))["driver"] === "dead");
      const revived = await call(client, reviver, reviver === "resume" ? { run } : work);
      expect(revived).toMatchObject({ ok: true, runId: run });
      await untilAsync(async () => (await call(client, "status", { run }))["driver"] === "alive");
    }
    writeFileSync(join(root, "go"), "");
    const status = await call(client, "status", { run, wait_seconds: 60 });

    expect(status).toMatchObject({ state: "unverified", total: 2, ended: 2 });
  });
});

describe("mistakes are answers", () => {
  test("of every kind", async () => {
    const client = await connect(folder());

    const nothing = await call(client, "status");
    const both = await call(client, "submit", { key: "k", tasks: tasks({ a: "true" }), plan_file: "x.yaml" });
    const missing = await call(client, "submit", { key: "k", plan_file: "missing.yaml" });
    const cycle = await call(client, "submit", {
      key: "k",
      tasks: tasks({ a: "true" }).map((task) => ({ ...task, depends_on: ["b"] })),
    });
    const unknownKey = await call(client, "submit", {
      key: "k",
      tasks: tasks({ a: "true" }).map((task) => ({ ...task, prioritty: "high" })),
    });

    expect(nothing.error).toMatchObject({ code: "store.not-found" });
    expect(both.error).toMatchObject({ code: "cli.usage" });
    expect(missing.error).toMatchObject({ code: "plan.not-found" });
    expect(cycle.error).toMatchObject({ code: "plan.unknown-dependency" });
    expect(unknownKey.error?.message).toContain("priority");
  });
});

test("runs and results are resources", async () => {
  const client = await connect(folder());
  const { runId: run } = await call(client, "submit", { key: "k", tasks: tasks({ a: "echo hi" }) });
  await call(client, "status", { run, wait_seconds: 60 });

  const { resources } = await client.listResources();
  const read = async (uri: string): Promise<Record<string, unknown>> => {
    const [content] = (await client.readResource({ uri })).contents;
    return JSON.parse(content !== undefined && "text" in content ? content.text : "null");
  };

  expect(resources.map(({ uri }) => uri)).toEqual(["mai://runs", `mai://runs/${run}`]);
  expect(await read("mai://runs")).toMatchObject({ runs: [{ runId: run, state: "unverified" }] });
  expect(await read(`mai://runs/${run}`)).toMatchObject({ runId: run, ended: 1 });
  expect(await read(`mai://runs/${run}/tasks/a`)).toMatchObject({
    phase: "ended",
    result: { output: "hi\n" },
  });
  await expect(read(`mai://runs/${run}/tasks/b`)).rejects.toThrow("has no task b");
});

async function until(holds: () => boolean): Promise<void> {
  return untilAsync(async () => holds());
}

async function untilAsync(holds: () => Promise<boolean>): Promise<void> {
  const limit = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > limit) throw new Error("It did not happen within a minute");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
