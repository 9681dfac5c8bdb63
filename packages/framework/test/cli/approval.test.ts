import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, jsonLines, mai, planText, startMai } from "../support/test-io.ts";

function project(tasks: Parameters<typeof planText>[0]): string {
  const root = folder();
  writeFileSync(join(root, "plan.json"), planText(tasks, { name: "asks" }));
  return root;
}

const asks = (command: string, approval: "before" | "after", more: object = {}) => ({
  command,
  approval,
  ...more,
});

describe("a plan with approvals", () => {
  test("--no-wait exits with 3 and says what to type; the answers count when the run is resumed", async () => {
    const root = project({
      free: "true",
      deploy: asks("true", "before"),
      behind: { command: "true", depends_on: ["deploy"] },
      docs: asks("true", "after", { verify: ["true"] }),
    });

    const run = await mai(root, ["run", "plan.json", "--no-wait"]);
    expect(run.code).toBe(3);
    expect(run.out).toMatch(/A person is waited for: deploy, docs. To answer: mai approve TASK --run run-/);
    expect(run.out).toMatch(/Only a person is waited for. To continue: mai resume run-/);

    const status = await mai(root, ["status"]);
    expect(status.out).toMatch(/deploy +waits \(person\)/);
    expect(status.out).toContain("mai approve TASK --run run-");
    const why = await mai(root, ["why", "deploy"]);
    expect(why.out).toMatch(/it waits for a person's yes before it starts: `mai approve deploy --run run-/);
    expect((await mai(root, ["why", "docs"])).out).toContain("for what attempt 1 left");
    expect((await mai(root, ["ps"])).out).toContain("2 to approve");
    const brief = await mai(root, ["brief"]);
    expect(brief.out).toMatch(/Wait for a person's yes \(.+\): deploy, docs of run-/);

    expect((await mai(root, ["approve", "deploy", "--note", "go"])).out).toMatch(
      /^deploy is approved: ready. To go on with its run: mai resume run-/,
    );
    expect((await mai(root, ["approve", "deploy"])).out).toContain("deploy was approved before: ready");
    const opposite = await mai(root, ["reject", "deploy"]);
    expect(opposite).toMatchObject({ code: 4 });
    expect(opposite.err).toMatch(/Task deploy of run-.+ is ready; it was approved by .+: go/);
    const docs = await mai(root, ["approve", "docs", "--json"]);
    expect(JSON.parse(docs.out)).toMatchObject({ taskId: "docs", changed: true, verdict: "verified" });
    expect((await mai(root, ["approve", "nobody"])).code).toBe(4);

    expect((await mai(root, ["resume"])).code).toBe(0);
    const report = await mai(root, ["report"]);
    expect(report.out).toMatch(/approved by .+: go/);
    const { results } = JSON.parse((await mai(root, ["report", "--json"])).out) as { results: object[] };
    expect(results).toContainEqual(
      expect.objectContaining({
        taskId: "deploy",
        approvals: [expect.objectContaining({ via: "cli", note: "go", attempt: 0, approved: true })],
      }),
    );
  });

  test("a no before the start blocks the task and what is behind it, and the run says 1", async () => {
    const root = project({
      deploy: asks("touch deployed", "before"),
      behind: { command: "true", depends_on: ["deploy"] },
    });
    expect((await mai(root, ["run", "plan.json", "--no-wait"])).code).toBe(3);
    const said = await mai(root, ["reject", "deploy", "--note", "not on a Friday"]);

    expect(said.out).toContain("deploy is refused: blocked");
    const resumed = await mai(root, ["resume", "--json"]);
    expect(resumed.code).toBe(1);
    expect(jsonLines(resumed.out).at(-1)).toMatchObject({
      type: "run.finished",
      results: [
        {
          taskId: "deploy",
          verdict: "blocked",
          reason: expect.stringMatching(/^refused by .+: not on a Friday$/),
        },
        { taskId: "behind", verdict: "blocked" },
      ],
    });
  });

  test("a run that waits goes on at once when another terminal answers", async () => {
    const root = project({
      deploy: asks("true", "before"),
      docs: asks("true", "after", { retry: { max_attempts: 2, backoff: "1ms" } }),
    });
    const engine = startMai(root, ["run", "plan.json", "--json"]);
    await engine.prints("A person is waited for: deploy, docs.");

    expect((await mai(root, ["approve", "deploy"])).out).toBe("deploy is approved: ready.\n");
    expect((await mai(root, ["reject", "docs", "--note", "again"])).out).toBe(
      "docs is refused: it is tried again.\n",
    );
    await engine.prints('"type":"attempt.started","runId":');
    await engine.prints('"type":"approval.requested"');
    while (
      !jsonLines(engine.out()).some(({ type, attempt }) => type === "approval.requested" && attempt === 2)
    )
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await mai(root, ["approve", "docs"])).code).toBe(0);

    expect(await engine.ended).toBe(0);
    const told = jsonLines(engine.out()).filter(({ taskId }) => taskId === "docs");
    expect(told.map(({ type }) => type)).toEqual([
      "task.queued",
      "task.ready",
      "attempt.started",
      "attempt.answered",
      "approval.requested",
      "approval.refused",
      "attempt.failed",
      "task.retried",
      "task.ready",
      "attempt.started",
      "attempt.answered",
      "approval.requested",
      "approval.given",
      "task.succeeded",
    ]);
    expect(told.find(({ type }) => type === "attempt.failed")).toMatchObject({
      kind: "refused",
      counted: true,
    });
  });
});
