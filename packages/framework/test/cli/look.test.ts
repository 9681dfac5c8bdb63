import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { expect, test } from "vitest";
import { folder, jsonLines, mai, planText } from "../support/test-io.ts";

/** A folder with one run that ended: `a` verified, `b` failed at its second attempt, `c` blocked by it. */
async function endedRun(): Promise<{ readonly cwd: string; readonly runId: string }> {
  const plan = planText(
    {
      a: { command: "echo said by a", verify: ["true"] },
      b: { command: "echo said by b; exit 7", retry: { max_attempts: 2, backoff: "1ms" } },
      c: { command: "true", depends_on: ["b"] },
    },
    { name: "three" },
  );
  const cwd = folder({ "plan.json": plan });
  await mai(cwd, ["run", "plan.json"]);
  const [run] = jsonLines((await mai(cwd, ["ps", "--json"])).out);
  return { cwd, runId: String(run?.["runId"]) };
}

test("ps shows each run with its state and how many tasks have ended", async () => {
  const { cwd, runId } = await endedRun();
  await mai(cwd, ["run", "-"], { stdin: planText({ x: "true" }, { name: "second" }) });

  const { out } = await mai(cwd, ["ps"]);

  const [head, first, second] = out.split("\n");
  expect(head).toMatch(/^RUN +NAME +STATE +DONE +FAILED/);
  expect(first).toMatch(/second +unverified +1\/1 +0/);
  expect(second).toContain(runId);
  expect(second).toMatch(/three +failed +3\/3 +2/);
});

test("status names every task of the newest run, of a named run, and of one whose id starts so", async () => {
  const { cwd, runId } = await endedRun();
  await mai(cwd, ["run", "-"], { stdin: planText({ x: "true" }) });

  const newest = await mai(cwd, ["status"]);
  const named = await mai(cwd, ["status", runId]);
  const unknown = await mai(cwd, ["status", "run-nothing"]);

  expect(newest.out).toMatch(/x +unverified/);
  expect(named.out).toMatch(/a +verified[\s\S]*b +failed +2[\s\S]*c +blocked/);
  expect((await mai(cwd, ["status", runId.slice(0, -2)])).out).toContain(runId);
  expect(unknown.code).toBe(4);
  expect(unknown.err).toContain("[run.not-found]");
});

test("status --json holds every result in full", async () => {
  const { cwd, runId } = await endedRun();

  const { run, tasks } = JSON.parse((await mai(cwd, ["status", "--json"])).out);

  expect(run).toMatchObject({ runId, state: "failed", driver: null });
  expect(tasks).toMatchObject([
    {
      taskId: "a",
      phase: "ended",
      result: { verdict: "verified", status: "success", receipts: [{ passed: true }] },
    },
    { taskId: "b", attempts: 2, result: { verdict: "failed" } },
    { taskId: "c", attempts: 0, result: { verdict: "blocked" } },
  ]);
});

test("logs prints what an attempt printed, of the newest attempt or a named one", async () => {
  const { cwd } = await endedRun();

  expect((await mai(cwd, ["logs", "b"])).out).toContain("said by b");
  expect((await mai(cwd, ["logs", "b", "--attempt", "1"])).out).toContain("said by b");
  expect((await mai(cwd, ["logs", "a", "-f"])).out).toContain("said by a");
  const place = JSON.parse((await mai(cwd, ["logs", "b", "--json"])).out);
  expect(readFileSync(place.outputFile, "utf8")).toContain("said by b");
});

test("logs names what is missing: a task, an attempt, a file", async () => {
  const { cwd } = await endedRun();
  const other = folder({ "plan.json": planText({ types: "true" }) });
  await mai(other, ["run", "plan.json"]);

  expect((await mai(other, ["logs", "tyeps"])).err).toContain("did you mean types?");
  expect((await mai(cwd, ["logs", "b", "--attempt", "9"])).err).toContain("no attempt 9; the newest is 2");
  expect((await mai(cwd, ["logs", "c"])).err).toContain("`mai why c` says why");
  expect((await mai(cwd, ["logs", "b", "--attempt", "0"])).code).toBe(4);
});

test("why tells a failure with its output, and a blocked task with the dependency", async () => {
  const { cwd } = await endedRun();

  const failed = await mai(cwd, ["why", "b"]);
  const blocked = await mai(cwd, ["why", "c"]);

  expect(failed.out).toMatch(/^b: failed: exit code 7.*\(after 2 attempts\)/);
  expect(failed.out).toContain("said by b");
  expect(blocked.out).toMatch(/^c: blocked: its dependency b failed \(no attempt was started\)/);
  expect(JSON.parse((await mai(cwd, ["why", "c", "--json"])).out)).toMatchObject({
    taskId: "c",
    phase: "ended",
  });
});

test("report is Markdown that names every task, and no text of a task becomes markup", async () => {
  const cwd = folder({
    "plan.json": planText({ a: "printf '```\\n| x |\\n'; exit 1", b: "true" }, { name: "pipe | <b>" }),
  });
  await mai(cwd, ["run", "plan.json"]);

  const { out } = await mai(cwd, ["report"]);

  expect(out).toContain("# pipe \\| \\<b\\>");
  expect(out).toMatch(/\| a \| failed \| 1 \|/);
  expect(out).toMatch(/\| b \| unverified \| 1 \|/);
  expect(out).toContain("````\n```\n| x |\n````");
});

test("cost of commands is nothing, and says of how many attempts", async () => {
  const { cwd, runId } = await endedRun();

  expect((await mai(cwd, ["cost"])).out).toBe(`${runId}: 3 attempts, $0\n`);
  expect(JSON.parse((await mai(cwd, ["cost", "--json"])).out)).toMatchObject({
    total: { atLeastUsd: 0, unknownParts: 0 },
  });
});

test("audit finds rows that are no fold of the journal, and names the task", async () => {
  const { cwd, runId } = await endedRun();
  const before = await mai(cwd, ["audit"]);
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(join(cwd, ".mai", "mai.db"));
  db.exec("UPDATE tasks SET failures = failures + 7 WHERE verdict = 'failed'");
  db.close();

  const after = await mai(cwd, ["audit", "--json"]);

  expect(before.code).toBe(0);
  expect(before.out).toContain("all rows are folds of the journal");
  expect(after.code).toBe(1);
  expect(JSON.parse(after.out).findings).toEqual([
    { runId, taskId: "b", what: expect.stringContaining("failures") },
  ]);
});

test("prune removes ended runs of that age with their logs, and keeps the rest", async () => {
  const { cwd, runId } = await endedRun();

  const kept = await mai(cwd, ["prune", "--older-than", "1h"]);
  const removed = await mai(cwd, ["prune", "--older-than", "1ms", "--json"]);

  expect(kept.out).toBe("removed 0 runs\n");
  expect(JSON.parse(removed.out)).toEqual({ removed: [runId] });
  expect(existsSync(join(cwd, ".mai", "logs", runId))).toBe(false);
  expect((await mai(cwd, ["ps"])).out).toBe("no runs yet\n");
});

test("resume with nothing open says so and exits as the newest run did; cancel and attach change nothing", async () => {
  const { cwd, runId } = await endedRun();

  const resumed = await mai(cwd, ["resume"]);
  const cancelled = await mai(cwd, ["cancel"]);
  const attached = await mai(cwd, ["attach", runId]);

  expect(resumed).toMatchObject({ code: 1, out: expect.stringContaining(`${runId} has ended (failed)`) });
  expect(cancelled).toMatchObject({ code: 0, out: "Nothing to cancel: every run has ended.\n" });
  expect(attached.code).toBe(1);
  expect(attached.out).toContain("3 tasks");
});

test("cancel of a run that nobody drives ends it, and it can be told twice", async () => {
  const cwd = folder();
  const store = openSqliteStore({ path: join(cwd, ".mai", "mai.db"), clock: systemClock });
  const run = {
    runId: "run-left",
    name: null,
    root: cwd,
    parallel: null,
    failFast: false,
    timeoutMs: null,
    sharedChecks: true,
  };
  const task = {
    taskId: "a",
    type: "test" as const,
    description: "a",
    context: [],
    constraints: [],
    successCriteria: "a",
    command: "true",
  };
  await store.submit(run, [task, { ...task, taskId: "b", dependsOn: ["a"] }, { ...task, taskId: "z" }]);
  await store.note("run-left", { type: "run.interrupted", reason: "SIGINT", resume: "mai resume run-left" });
  await store.close();

  const one = await mai(cwd, ["cancel", "z"]);
  const all = await mai(cwd, ["cancel", "--json"]);
  const again = await mai(cwd, ["cancel", "run-left"]);

  expect(one.out).toBe("Cancelled 1 task of run-left.\n");
  expect(JSON.parse(all.out)).toEqual({
    runId: "run-left",
    ended: expect.arrayContaining(["a", "b"]),
    running: [],
  });
  expect(again.out).toContain("Nothing to cancel: run-left has ended");
  expect((await mai(cwd, ["resume"])).code).toBe(2);
});

test("a store that is not ours is refused with 4 by every verb that reads", async () => {
  const cwd = folder({ "not-ours.db": "this is text, and long enough to be no database at all" });

  for (const verb of ["ps", "status", "audit"]) {
    const { code, err } = await mai(cwd, [verb, "--store", "not-ours.db"]);
    expect(code).toBe(4);
    expect(err).toContain("[store.not-ours]");
  }
  expect(readFileSync(join(cwd, "not-ours.db"), "utf8")).toContain("this is text");
});

test("verbs find the store from a folder below", async () => {
  const { cwd } = await endedRun();
  const below = join(cwd, ".mai", "logs");

  expect((await mai(below, ["ps"])).code).toBe(0);
});

test("init makes tasks of the scripts it finds, and its plan is valid; it overwrites only with --force", async () => {
  const scripts = { test: "node --test", lint: "true", build: "true", other: "true" };
  const cwd = folder({ "package.json": JSON.stringify({ scripts }) });

  const first = await mai(cwd, ["init"]);
  const valid = await mai(cwd, ["validate", "plan.yaml"]);
  const dry = JSON.parse((await mai(cwd, ["run", "plan.yaml", "--dry-run", "--json"])).out);
  const second = await mai(cwd, ["init"]);
  const forced = await mai(cwd, ["init", "--force", "--json"]);

  expect(first.out).toContain("lint, test, build");
  expect(valid.code).toBe(0);
  expect(dry.tasks.map((task: { taskId: string; command: string }) => [task.taskId, task.command])).toEqual([
    ["lint", "npm run lint"],
    ["test", "npm run test"],
    ["build", "npm run build"],
  ]);
  expect(second).toMatchObject({
    code: 4,
    err: expect.stringContaining("plan.yaml and mai.config.yaml are there already"),
  });
  expect(JSON.parse(forced.out)).toEqual({
    files: ["plan.yaml", "mai.config.yaml"],
    tasks: ["lint", "test", "build"],
  });
});

test("init in an empty folder writes a plan that runs", async () => {
  const cwd = folder();

  await mai(cwd, ["init"]);
  const { code } = await mai(cwd, ["run", "plan.yaml"]);

  expect(code).toBe(0);
  expect(readdirSync(cwd).sort()).toEqual([".mai", "mai.config.yaml", "plan.yaml"]);
});

test("validate lists every mistake with its line, as text and as objects", async () => {
  const text =
    "version: 1\ntasks:\n  - id: a\n    type: tset\n    description: x\n    success_criteria: y\n    comand: z\n";
  const cwd = folder({ "plan.yaml": text });

  const said = await mai(cwd, ["validate", "plan.yaml"]);
  const json = await mai(cwd, ["validate", "plan.yaml", "--json"]);

  expect(said.code).toBe(4);
  expect(said.err).toContain("plan.yaml:4:");
  expect(said.err).toContain("plan.yaml:7:");
  expect(json.code).toBe(4);
  expect(JSON.parse(json.out)).toMatchObject({
    ok: false,
    problems: [{ place: { line: 4 } }, { place: { line: 7 } }],
  });
});

test("agents lists the defaults and what the configuration adds, and what stands in the way", async () => {
  const config = "agents:\n  - { id: linter, backend: command, capabilities: [test], max_concurrent: 7 }\n";
  const cwd = folder({ "mai.config.yaml": config });

  const { out } = await mai(cwd, ["agents"], { env: { PATH: "/bin" } });
  const json = JSON.parse((await mai(cwd, ["agents", "--json"], { env: { PATH: "/bin" } })).out);

  expect(out).toMatch(/linter +ready +7 +command +commands/);
  expect(out).toMatch(/explore +not ready[\s\S]*claude is not installed: npm install/);
  expect(json.agents.map((agent: { agentId: string }) => agent.agentId)).toEqual([
    "general-purpose",
    "bash",
    "explore",
    "linter",
  ]);
});

test("doctor is content with a good folder, and exits with 1 for a broken configuration or store", async () => {
  const { cwd } = await endedRun();
  const well = await mai(cwd, ["doctor"]);
  writeFileSync(join(cwd, "mai.config.yaml"), "agents: 3\n");
  const badConfig = await mai(cwd, ["doctor", "--json"]);
  writeFileSync(join(cwd, "mai.config.yaml"), "");
  writeFileSync(join(cwd, "broken.db"), "SQLite format 3 is what this file says, and nothing else");
  const badStore = await mai(cwd, ["doctor", "--store", "broken.db"]);

  expect(well.code).toBe(0);
  expect(well.out).toContain("is sound");
  expect(badConfig.code).toBe(1);
  expect(JSON.parse(badConfig.out)).toMatchObject({ ok: false });
  expect(badStore.code).toBe(1);
  expect(badStore.out).toContain("broken.db");
});

test("doctor warns of an agent whose permissions leave it nothing to do", async () => {
  const cwd = folder({ "mai.config.yaml": "agents:\n  - { id: bash, permissions: read-only }\n" });

  const { out, code } = await mai(cwd, ["doctor"], { env: { PATH: "/bin" } });

  expect(out).toContain("it can do nothing");
  expect(code).toBe(0);
});

test("doctor names a run whose process died, and how to go on", async () => {
  const cwd = folder();
  const store = openSqliteStore({ path: join(cwd, ".mai", "mai.db"), clock: systemClock });
  const run = {
    runId: "run-left",
    name: null,
    root: cwd,
    parallel: null,
    failFast: false,
    timeoutMs: null,
    sharedChecks: true,
  };
  await store.submit(run, [
    { taskId: "a", type: "test", description: "a", context: [], constraints: [], successCriteria: "a" },
  ]);
  await store.close();

  expect((await mai(cwd, ["doctor"])).out).toContain("mai resume run-left");
});
