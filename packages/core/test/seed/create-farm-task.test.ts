import { expect, test } from "vitest";
import type { FarmTaskOptions } from "../../src/index.ts";
import { createFarmTask } from "../../src/seed/index.ts";

test("a task has an id of its own with the time in it, and empty lists where none were given", () => {
  const before = Date.now();
  const task = createFarmTask("test", "Unit tests", "All pass");
  const after = Date.now();

  const [, time = ""] = /^task-([0-9a-z]+)-[0-9a-z]{6}$/.exec(task.taskId) ?? [];
  expect(Number.parseInt(time, 36)).toBeGreaterThanOrEqual(before);
  expect(Number.parseInt(time, 36)).toBeLessThanOrEqual(after);
  expect(task).toEqual({
    taskId: task.taskId,
    type: "test",
    description: "Unit tests",
    context: [],
    constraints: [],
    successCriteria: "All pass",
  });
  expect(task.priority).toBeUndefined();
  expect(task.timeout).toBeUndefined();
});

test("a hundred thousand tasks made at once have a hundred thousand ids", () => {
  const ids = Array.from({ length: 100_000 }, () => createFarmTask("test", "d", "s").taskId);
  expect(new Set(ids).size).toBe(100_000);
});

test("a caller who goes on changing what was given does not change the task", () => {
  const options = {
    context: ["/src/auth.ts"],
    constraints: ["no new dependency"],
    priority: "high",
    timeout: 1_000,
    dependsOn: ["a"],
    locks: ["port-3000"],
    verify: [{ command: "true" }],
    retry: { maxAttempts: 2 },
    env: { CI: "1" },
  } satisfies FarmTaskOptions;
  const task = createFarmTask("implementation", "d", "s", options);
  const given = structuredClone(options);

  for (const list of [options.context, options.constraints, options.dependsOn, options.locks])
    list.push("more");
  for (const check of options.verify) check.command = "false";
  options.retry.maxAttempts = 9;
  options.env.CI = "0";

  expect(task).toMatchObject(given);
});
