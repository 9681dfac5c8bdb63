import { expect, test } from "vitest";
import type { Capacity } from "../src/demand.ts";
import { checkAgents } from "../src/plan/check-agents.ts";
import type { FarmTask, TaskType } from "../src/task.ts";

function farmTask(type: TaskType, more: Partial<FarmTask> = {}): FarmTask {
  return { taskId: "t", type, description: "d", context: [], constraints: [], successCriteria: "s", ...more };
}

const shell: Capacity = {
  agentId: "shell",
  capabilities: ["test"],
  commands: true,
  prose: false,
  maxConcurrent: 1,
};
const reader: Capacity = {
  agentId: "reader",
  capabilities: ["review"],
  commands: false,
  prose: true,
  maxConcurrent: 1,
};

test.each([
  ["a command of any type, where some agent runs commands", farmTask("research", { command: "true" })],
  ["a type that some agent does", farmTask("review")],
  ["an agent by name that does the type", farmTask("review", { agent: "reader", locks: ["a", "b"] })],
])("%s is possible", (_what, task) => {
  expect(checkAgents([task], [shell, reader])).toEqual([]);
});

test.each([
  ["no agent does the type", farmTask("test"), "no agent does tasks of type `test`", "type"],
  [
    "the named agent does not exist",
    farmTask("review", { agent: "raeder" }),
    "there is no agent `raeder`; did you mean `reader`?",
    "agent",
  ],
  [
    "the named agent does not do the type",
    farmTask("test", { agent: "reader" }),
    "agent `reader` does no tasks of type `test`",
    "agent",
  ],
  [
    "the named agent only runs commands",
    farmTask("test", { agent: "shell" }),
    "agent `shell` only runs commands",
    "agent",
  ],
  [
    "the named agent runs no commands",
    farmTask("review", { agent: "reader", command: "true" }),
    "has a `command`, but agent `reader` runs none",
    "agent",
  ],
])("a task is impossible when %s", (_why, task, message, key) => {
  expect(checkAgents([farmTask("review"), task], [shell, reader])).toEqual([
    {
      code: "plan.no-agent",
      message,
      path: ["tasks", 1, key],
      place: null,
      taskId: "t",
      hint: expect.any(String),
    },
  ]);
});

test("prose for an agent that only runs commands is told what would make such an agent do it", () => {
  const [problem] = checkAgents([farmTask("test", { agent: "shell" })], [shell]);

  expect(problem?.hint).toBe(
    "Give the task a `command` or another agent; an agent of profile `bash` does prose once its `allow` in " +
      "mai.config.yaml names commands.",
  );
});

test("a command is impossible when no agent runs commands", () => {
  expect(checkAgents([farmTask("test", { command: "true" })], [reader])[0]?.message).toBe(
    "has a `command`, but no agent runs commands",
  );
});

test("every impossible task is named, with the place of the task when the key came from the defaults", () => {
  const problems = checkAgents([farmTask("test"), farmTask("test")], [reader], (path) =>
    path.length === 2 ? { line: Number(path[1]) + 1, column: 5 } : undefined,
  );

  expect(problems.map(({ place }) => place)).toEqual([
    { line: 1, column: 5 },
    { line: 2, column: 5 },
  ]);
});
