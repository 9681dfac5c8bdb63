import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { endedRun } from "../support/ended-run.ts";
import { folder, jsonLines, mai, planText } from "../support/test-io.ts";

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

test("a verdict that the checks at the end of the run took away is gone everywhere: summary, status, report, why, exit code", async () => {
  const plan = planText({
    a: { command: "true", verify: ["test ! -e broken"] },
    b: { command: "touch broken", depends_on: ["a"] },
  });
  const cwd = folder({ "plan.json": plan });

  const run = await mai(cwd, ["run", "plan.json"]);

  expect(run.code).toBe(1);
  for (const verb of [["status"], ["report"]]) {
    expect((await mai(cwd, verb)).out).toMatch(/a\W+failed.*no longer passes at the end of the run/);
  }
  expect(run.out).toMatch(/a +failed.*no longer passes/);
  expect((await mai(cwd, ["why", "a"])).out).toContain("no longer passes at the end of the run");
  expect((await mai(cwd, ["resume"])).code).toBe(1);
});

test("ps on 70 columns shows run ids whole, and no line is wider", async () => {
  const name = "a plan with a name that is rather long for a table";
  const cwd = folder({ "plan.json": planText({ a: "true" }, { name }) });
  await mai(cwd, ["run", "plan.json"]);
  const [run] = jsonLines((await mai(cwd, ["ps", "--json"])).out);

  const { out } = await mai(cwd, ["ps"], { terminal: { columns: 70, rows: 24 }, env: { NO_COLOR: "1" } });

  expect(out).toContain(`${run?.["runId"]}  a plan`);
  for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(70);
});
