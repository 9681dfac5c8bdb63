import { expect, test } from "vitest";
import { projectThatCosts, proseTasks } from "../support/claude-that-costs.ts";
import { jsonLines, mai, planText } from "../support/test-io.ts";

test("a run stops with 3 before an attempt could pass its ceiling, and resume raises it", async () => {
  const cwd = projectThatCosts({ "plan.json": planText(proseTasks("a", "b", "c", "d"), { max_cost: 2.5 }) });

  const run = await mai(cwd, ["run", "plan.json"]);

  expect(run.err).toBe("");
  expect(run.code).toBe(3);
  expect(run.out).toMatch(
    /Interrupted: its ceiling leaves no room for another attempt: \$2\.00 of \$2\.50 spent, the dearest attempt cost \$1\.00\. To continue: mai resume run-\S+ --max-cost 5\n$/,
  );
  const counts = JSON.parse((await mai(cwd, ["status", "--json"])).out);
  expect(JSON.stringify(counts)).toContain("ready");

  const again = await mai(cwd, ["resume"]);
  expect(again.code).toBe(3);
  expect((await mai(cwd, ["cost", "--json"])).out).toContain('"atLeastUsd":2');

  const raised = await mai(cwd, ["resume", "--max-cost", "4"]);
  expect(raised.code).toBe(0);
  expect((await mai(cwd, ["cost", "--json"])).out).toContain('"atLeastUsd":4');
  expect((await mai(cwd, ["audit"])).code).toBe(0);
});

test("--max-cost comes before the plan's; as JSON the last line is the interruption with its command", async () => {
  const cwd = projectThatCosts({ "plan.json": planText(proseTasks("a", "b"), { max_cost: 100 }) });

  const { code, out } = await mai(cwd, ["run", "plan.json", "--max-cost", "1", "--json"]);

  expect(code).toBe(3);
  const lines = jsonLines(out);
  expect(lines[0]).toMatchObject({ type: "run.created", maxCostUsd: 1 });
  expect(lines.at(-1)).toMatchObject({
    type: "run.interrupted",
    resume: expect.stringMatching(/^mai resume run-\S+ --max-cost 2$/),
  });
});

test("commands go on when nothing more is afforded", async () => {
  const tasks = { ...proseTasks("a", "b"), c: { command: "true", depends_on: ["a"] } };
  const cwd = projectThatCosts({ "plan.json": planText(tasks, { max_cost: 1 }) });

  const { code, out } = await mai(cwd, ["run", "plan.json", "--json"]);

  expect(code).toBe(3);
  const ended = jsonLines(out).filter(({ type }) => type === "task.succeeded");
  expect(ended.map(({ taskId }) => taskId)).toEqual(["a", "c"]);
});

test.each(["0", "-1", "x", "1e3", ""])("--max-cost %j is refused", async (usd) => {
  const cwd = projectThatCosts({ "plan.json": planText(proseTasks("a")) });

  const { code, err } = await mai(cwd, ["run", "plan.json", "--max-cost", usd]);

  expect(code).toBe(4);
  expect(err).toContain("--max-cost");
});

test("a plan's max_cost must be a positive number", async () => {
  const cwd = projectThatCosts({ "plan.json": planText(proseTasks("a"), { max_cost: 0 }) });

  const { code, err } = await mai(cwd, ["validate", "plan.json"]);

  expect(code).toBe(4);
  expect(err).toContain("`max_cost` must be US dollars, more than 0");
});

test("mai cost tells what failed attempts cost too, by agent, by model and by task", async () => {
  const cwd = projectThatCosts({ "plan.json": planText({ ...proseTasks("a"), c: "true" }) }, false);
  await mai(cwd, ["run", "plan.json"]);

  const cost = JSON.parse((await mai(cwd, ["cost", "--json"])).out);
  const text = (await mai(cwd, ["cost"])).out;

  const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 2, cacheWriteTokens: 1, costUsd: 1 };
  expect(cost.total).toEqual({ atLeastUsd: 1, unknownParts: 0 });
  expect(cost.unknownAgents).toEqual([]);
  expect(cost.models).toContainEqual({
    name: "big",
    parts: 1,
    usage,
    cost: { atLeastUsd: 1, unknownParts: 0 },
  });
  expect(cost.attempts).toContainEqual(
    expect.objectContaining({ taskId: "a", usage, models: { big: usage } }),
  );
  expect(text).toMatch(/agent general-purpose +1 +10 +2 +1 +5 +\$1\.00/);
  expect(text).toMatch(/model big +1 +10 +2 +1 +5 +\$1\.00/);
  expect(text).toMatch(/task a +1 +10 +2 +1 +5 +\$1\.00/);
});
