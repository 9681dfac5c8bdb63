import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { expect, test } from "vitest";
import { endedRun } from "../support/ended-run.ts";
import { folder, jsonLines, mai, planText } from "../support/test-io.ts";

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
  expect(JSON.parse(removed.out)).toEqual({ removed: [runId], branches: [] });
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

test("retry tries a failed task again and what it blocked, refuses what succeeded, and changes nothing twice", async () => {
  const { cwd, runId } = await endedRun();
  const refused = await mai(cwd, ["retry", "a"]);
  const blocked = await mai(cwd, ["retry", "c"]);
  const failed = await mai(cwd, ["retry", "b", "--json"]);
  const why = await mai(cwd, ["why", "b"]);
  const audit = await mai(cwd, ["audit"]);

  expect(refused).toMatchObject({ code: 4, err: expect.stringContaining("has succeeded (verified)") });
  expect(blocked).toMatchObject({ code: 4, err: expect.stringContaining("depends on b, which is failed") });
  expect(failed.code).toBe(1);
  const events = jsonLines(failed.out);
  expect(events.slice(0, 1)).toMatchObject([{ type: "task.reopened", taskId: "b" }]);
  expect(events.filter(({ type }) => type === "task.reopened").map(({ taskId }) => taskId)).toEqual([
    "b",
    "c",
  ]);
  expect(events.find(({ type }) => type === "run.resumed")).toMatchObject({ runId, reused: 1, open: 2 });
  expect(events.filter(({ type }) => type === "attempt.started").map(({ attempt }) => attempt)).toEqual([
    3, 4,
  ]);
  expect(why.out).toContain("after 4 attempts");
  expect(audit.code).toBe(0);
});

test("retry without a task takes all that did not succeed; with nothing left it says so", async () => {
  const cwd = folder({
    "plan.json": planText({
      a: { command: "test -e mended" },
      b: { command: "echo b >> b", depends_on: ["a"] },
      c: "echo c >> c",
    }),
  });
  expect((await mai(cwd, ["run", "plan.json"])).code).toBe(1);
  writeFileSync(join(cwd, "mended"), "");

  const retried = await mai(cwd, ["retry"]);
  const again = await mai(cwd, ["retry"]);

  expect(retried.code).toBe(0);
  expect(retried.out).toContain("opened again: tried again by mai retry");
  expect(readFileSync(join(cwd, "b"), "utf8") + readFileSync(join(cwd, "c"), "utf8")).toBe("b\nc\n");
  expect(again).toMatchObject({
    code: 0,
    out: expect.stringContaining("Nothing to retry: every task of run-"),
  });
});
