/** Plans for tests: one that is good, and arbitrary ones as tasks and as people would write them. */
import fc from "fast-check";
import type { FarmTask } from "../../src/task.ts";
import { taskPriorities, taskTypes } from "../../src/task.ts";

export function task(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { id, type: "test", description: "Do it", success_criteria: "It is done", ...more };
}

export function plan(...tasks: unknown[]): Record<string, unknown> {
  return { version: 1, tasks };
}

const text = fc
  .string({ minLength: 1, maxLength: 20 })
  .filter((value) => value.trim() !== "" && !value.includes("\0"));
const ms = fc.integer({ min: 1, max: 999_999_999 });
const variable = fc.oneof(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/u), fc.constant("__proto__"));
const folder = fc.constantFrom("a", "packages/core", "./a/b", "a/../b", ".");
const noNul = fc.string({ maxLength: 10 }).filter((value) => !value.includes("\0"));

const sharedFields = {
  priority: fc.constantFrom(...taskPriorities),
  timeout: ms,
  command: text,
  verify: fc.array(fc.record({ command: text, timeout: ms }, { requiredKeys: ["command"] }), {
    maxLength: 3,
  }),
  agent: text,
  retry: fc.record(
    { maxAttempts: fc.integer({ min: 1, max: 9 }), maxLost: fc.integer({ min: 0, max: 9 }), backoff: ms },
    { requiredKeys: [] },
  ),
  idleTimeout: ms,
  estimate: ms,
  env: fc.array(fc.tuple(variable, noNul), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  cwd: folder,
  locks: fc.array(text, { maxLength: 3 }),
  outputSchema: fc.constantFrom(
    { type: "object", properties: { idleTimeout: { type: "integer" } }, additionalProperties: false },
    { anyOf: [{ $ref: "#/$defs/a" }, true], $defs: { a: { enum: [1, null] } } },
    {},
  ),
};

/** A task without its id and dependencies. */
const body = fc.record(
  {
    type: fc.constantFrom(...taskTypes),
    description: text,
    context: fc.array(text, { maxLength: 3 }),
    constraints: fc.array(text, { maxLength: 3 }),
    successCriteria: text,
    ...sharedFields,
  },
  {
    requiredKeys: ["type", "description", "context", "constraints", "successCriteria"],
    noNullPrototype: true,
  },
);

/** Tasks of one plan: each may depend on those before it. */
export const farmTasks: fc.Arbitrary<FarmTask[]> = fc
  .array(fc.tuple(body, fc.option(fc.array(fc.nat(), { maxLength: 3 }), { nil: undefined })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((rows) =>
    rows.map(([rest, behind], index) => {
      const made: FarmTask = { taskId: `t${index}`, ...rest } as FarmTask;
      if (behind !== undefined)
        made.dependsOn = index === 0 ? [] : [...new Set(behind.map((n) => `t${n % index}`))];
      return made;
    }),
  );

const durations = new Set(["timeout", "idleTimeout", "estimate", "backoff"]);

/** A task as a plan writes it. */
export function written(value: unknown, name = ""): unknown {
  if (typeof value === "number" && durations.has(name)) return `${value}ms`;
  if (Array.isArray(value)) return value.map((item) => written(item));
  if (typeof value !== "object" || value === null || name === "env" || name === "outputSchema") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [keyOf(key), written(item, key)]));
}

function keyOf(name: string): string {
  return name === "taskId" ? "id" : name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}
