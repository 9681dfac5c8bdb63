import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { describe, expect, test } from "vitest";
import { folder, mai, planText, startMai } from "../support/test-io.ts";

async function brief(root: string, ...flags: string[]): Promise<string> {
  const said = await mai(root, ["brief", ...flags]);
  expect(said).toMatchObject({ code: 0, err: "" });
  return said.out;
}

async function run(root: string, tasks: Parameters<typeof planText>[0], name = "work"): Promise<string> {
  const plan = join(root, "plan.json");
  writeFileSync(plan, planText(tasks, { name }));
  const { out } = await mai(root, ["run", plan, "--json"]);
  return (JSON.parse(out.slice(0, out.indexOf("\n"))) as { runId: string }).runId;
}

describe("mai brief", () => {
  test("says where every run stands and where results are", async () => {
    const root = folder();
    const runId = await run(root, {
      good: "true",
      bad: "exit 3",
      after: { command: "true", depends_on: ["bad"] },
    });

    const text = await brief(root);

    expect(text).toContain(
      `- ${runId} (work): finished failed; 3/3 ended (1 blocked, 1 failed, 1 unverified)`,
    );
    expect(text).toContain("Nothing waits for a decision.");
    expect(text).toContain("`mai status RUN --json`");
    expect(text).not.toContain("Ended since");
  });

  test("tells a session what ended since it was told last: each end once, and none is lost", async () => {
    const root = folder();
    const first = await run(root, { a: "true" });
    await brief(root, "--session", "s-1");

    const second = await run(root, { b: "exit 1", c: "true" });
    const told = await brief(root, "--session", "s-1");
    const again = await brief(root, "--session", "s-1");
    const other = await brief(root, "--session", "s-2");

    expect(told).toMatch(
      new RegExp(`Ended since the last brief:\n- ${second}: 1 failed: b \\(.+\\); 1 succeeded: c\n`),
    );
    expect(told).not.toContain(`${first}: 1 succeeded`);
    for (const text of [again, other]) expect(text).not.toContain("Ended since");
    for (const runId of [first, second]) expect(again).toContain(runId);
  });

  test("names what waits for a decision: a run that was interrupted, and one whose engine has died", async () => {
    const root = folder();
    writeFileSync(
      join(root, "plan.json"),
      planText({ long: "echo up; tail -f /dev/null" }, { name: "long" }),
    );
    const engine = startMai(root, ["run", "plan.json", "--json"]);
    await engine.prints("attempt.started");
    const alive = await brief(root);
    engine.child.kill("SIGKILL");
    await engine.ended;
    const dead = await brief(root);
    await mai(root, ["cancel"]);
    const cancelled = await brief(root);

    expect(alive).toMatch(/\(long\): goes on in process \d+; 0\/1 ended; 1 running: long/);
    expect(dead).toContain("its engine has died; 0/1 ended; 1 running: long");
    expect(dead).toMatch(/Wait for a decision .+: run-/);
    expect(cancelled).toContain("finished cancelled");
  });

  test("is JSON for programs", async () => {
    const root = folder();
    const runId = await run(root, { a: "true" });

    const json = JSON.parse(await brief(root, "--json", "--session", "s"));

    expect(json).toMatchObject({
      seq: expect.any(Number),
      runs: [{ runId, state: "finished", verdict: "unverified", counts: { total: 1 }, ended: [] }],
      more: { open: 0, finished: 0 },
    });
  });

  test("keeps what a session was told beside the store, and treats another store as new", async () => {
    const root = folder();
    await run(root, { a: "true" });
    await brief(root, "--session", "../s/1");
    expect(readdirSync(join(root, ".mai", "state"))).toEqual(["brief-..%2Fs%2F1.json"]);
    expect(existsSync(join(root, ".mai", ".gitignore"))).toBe(true);

    const path = join(root, "other.db");
    await openSqliteStore({ path, clock: systemClock }).close();
    expect(await brief(root, "--session", "s", "--store", path)).toBe("no runs yet\n");
  });

  test("has at most 8,000 characters, however long ids and reasons are", async () => {
    const root = folder();
    const path = join(root, "mai.db");
    const store = openSqliteStore({ path, clock: systemClock });
    await brief(root, "--session", "s", "--store", path);
    for (let at = 0; at < 30; at++) {
      const ids = Array.from({ length: 50 }, (_, index) => `${"\n long id ".repeat(20)}${at}-${index}`);
      const limits = { parallel: null, failFast: false, timeoutMs: null, sharedChecks: false };
      const one = { runId: `run-${at}`, name: "name ".repeat(100), root, ...limits };
      const spec = {
        type: "test" as const,
        description: "d",
        successCriteria: "s",
        context: [],
        constraints: [],
      };
      await store.submit(
        one,
        ids.map((taskId) => ({ taskId, ...spec })),
      );
      await store.cancel(one.runId, "because ".repeat(500));
    }
    await store.close();

    const { out } = await mai(root, ["brief", "--session", "s", "--store", path]);

    expect(out.length).toBeLessThanOrEqual(8_001);
    expect(out).toContain("50 cancelled");
    expect(out).toContain("20 more open");
  });
});
