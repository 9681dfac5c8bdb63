import { unknownUsage } from "mai-orchestration-core";
import type { AgentOutcome } from "mai-orchestration-engine";
import { describe, expect, test } from "vitest";
import { commandAgent, withStructuredOutput } from "../src/index.ts";
import { agentTask, createFarmTaskFor, newContext } from "./tasks.ts";

const schema = {
  type: "object",
  properties: { name: { type: "string" }, n: { type: "number", minimum: 1 } },
  required: ["name", "n"],
};

function answered(output: string, more: { readonly structuredOutput?: unknown } = {}): AgentOutcome {
  return { type: "answered", output, usage: unknownUsage, sessionId: "s", issues: ["denied: x"], ...more };
}

function checked(outcome: AgentOutcome, outputSchema: Record<string, unknown> = schema): AgentOutcome {
  return withStructuredOutput(createFarmTaskFor({ outputSchema }), outcome);
}

describe("an answer that fits its schema is carried as data", () => {
  test.each([
    ["as the whole text", ' {"name":"a","n":3}\n'],
    [
      "in a fenced block after other words",
      'Here it is:\n```json\n{\n  "name": "a",\n  "n": 3\n}\n```\nDone.',
    ],
    ["in the last of several blocks", '```\n{"n":1}\n```\n\n```json\n{"name":"a","n":3}\n```'],
    ["on the last line, after what a command logged", 'building...\n{"name":"a","n":3}\n'],
  ])("%s", (_, output) => {
    expect(checked(answered(output))).toEqual({
      ...answered(output),
      structuredOutput: { name: "a", n: 3 },
    });
  });

  test("data that a backend made itself counts, and not its text", () => {
    const data = { name: "b", n: 1 };

    expect(checked(answered("prose", { structuredOutput: data }))).toMatchObject({ structuredOutput: data });
  });

  test("also when the data is null, false or 0", () => {
    for (const data of [null, false, 0])
      expect(checked(answered(String(data)), {})).toMatchObject({ type: "answered", structuredOutput: data });
  });
});

describe("an answer that does not fit has failed, with all that was said and used", () => {
  test.each([
    ["I could not.", "the answer is no JSON, and the task's outputSchema asks for some"],
    [
      '{"n":0}',
      'the answer does not fit the task\'s outputSchema: the whole: Instance does not have required property "name".; /n: 0 is less than 1.',
    ],
    [
      JSON.stringify({ name: "x".repeat(70_000), n: 1 }),
      /^the answer's data is 70\d\d\d bytes long; at most 65536/,
    ],
  ])("%.40s", (output, reason) => {
    const outcome = checked(answered(output));

    expect(outcome).toMatchObject({
      ...answered(output),
      type: "failed",
      kind: "task",
      reason: typeof reason === "string" ? reason : expect.stringMatching(reason),
    });
    expect(outcome).not.toHaveProperty("structuredOutput");
  });

  test("many faults are cut short", () => {
    const properties = Object.fromEntries([..."abcdefg"].map((key) => [key, { type: "string" }]));
    const data = Object.fromEntries([..."abcdefg"].map((key) => [key, 1]));

    expect(checked(answered(JSON.stringify(data)), { properties })).toMatchObject({
      reason: expect.stringMatching(/\/e: .*; and 2 more$/),
    });
  });

  test("for ever where the schema itself cannot be used", () => {
    expect(checked(answered("{}"), { type: "strng" })).toMatchObject({
      kind: "permanent",
      reason: expect.stringContaining("outputSchema cannot be used: type must be one of"),
    });
  });
});

test("without a schema nothing is carried that nobody checked", () => {
  const outcome = answered("x", { structuredOutput: 1 });

  expect(withStructuredOutput(createFarmTaskFor({}), outcome)).toEqual(answered("x"));
});

test("what failed stays as it failed", () => {
  const outcome: AgentOutcome = {
    type: "failed",
    kind: "quota",
    reason: "used up",
    output: "",
    usage: unknownUsage,
    retryAt: 5,
  };

  expect(checked(outcome)).toBe(outcome);
});

test("a command's output is held against the schema too", async () => {
  const agent = commandAgent({ id: "bash", capabilities: ["test"], maxConcurrent: 1 });
  const run = (command: string) => agent.run(agentTask({ command, outputSchema: schema }), newContext());

  expect(await run(`echo log >&2; echo '{"name":"a","n":3}'`)).toMatchObject({
    type: "answered",
    structuredOutput: { name: "a", n: 3 },
  });
  expect(await run("echo done")).toMatchObject({ type: "failed", kind: "task" });
});
