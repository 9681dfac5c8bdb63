import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { planSchema, readPlan } from "mai-orchestration-core/plan";
import { expect, test } from "vitest";
import { schemaFiles } from "../../../../scripts/schema-files.ts";
import { farmTasks, plan, task, written } from "../../../core/test/support/plan-examples.ts";
import { configSchema } from "../../src/config/fields.ts";
import { readConfig } from "../../src/config/read-config.ts";

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
const planFits = ajv.compile(planSchema);
const configFits = ajv.compile(configSchema);

test("the published schemas are those of the tables; `npm run schemas` writes them", async () => {
  for (const [file, text] of schemaFiles()) {
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual(JSON.parse(text));
  }
});

test("any plan that is read is a plan for the schema", () => {
  fc.assert(
    fc.property(farmTasks, (tasks) => {
      const data = { version: 1, tasks: tasks.map((one) => written(one)) };
      expect(readPlan(data).ok).toBe(true);
      expect(planFits(data)).toBe(true);
    }),
  );
});

const keys = [
  ...[
    "id",
    "type",
    "description",
    "success_criteria",
    "depends_on",
    "context",
    "constraints",
    "priority",
    "timeout",
  ],
  ...["command", "verify", "agent", "retry", "idle_timeout", "estimate", "env", "cwd", "locks", "isolation"],
  ...["version", "name", "parallel", "fail_fast", "defaults", "$schema", "agents", "max_attempts", "bogus"],
];
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    1,
    -1,
    1.5,
    1e7,
    "",
    " ",
    "a",
    "test",
    "high",
    "10m",
    "-5m",
    "0s",
    "none",
  ),
  fc.constantFrom<unknown>(
    "worktree",
    "a\0",
    "/a",
    "~/a",
    [],
    ["a"],
    [1],
    [""],
    {},
    { a: "b" },
    { "1": "b" },
    { a: 1 },
  ),
  fc.constantFrom<unknown>(
    [{ command: "a" }],
    [{ command: "a", timeout: "1m" }],
    [{ timeout: "1m" }],
    [{ run: "a" }],
  ),
  fc.constantFrom<unknown>(
    { max_attempts: 2 },
    { max_attempts: 0 },
    { max_lost: 0, backoff: "1s" },
    { backoff: 1 },
  ),
);
const twist = fc.tuple(fc.constantFrom("plan", "defaults", "task"), fc.constantFrom(...keys), odd);

test("reader and schema agree on any plan, good or bad, as far as a schema can tell", () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.array(twist, { minLength: 1, maxLength: 2 }), (twists) => {
      const data: Record<string, unknown> = { ...plan(task("a")), defaults: {} };
      const places: Record<string, unknown> = {
        plan: data,
        defaults: data["defaults"],
        task: (data["tasks"] as unknown[])[0],
      };
      for (const [where, key, value] of twists) Object.assign(places[where] as object, { [key]: value });

      const reading = readPlan(data);

      // A dependency on a task that is not there is beyond a schema.
      const shapeIsGood = reading.ok || reading.problems.every(({ code }) => code !== "plan.invalid");
      if (!shapeIsGood) refused += 1;
      expect(planFits(data)).toBe(shapeIsGood);
    }),
    { numRuns: 3_000 },
  );
  expect(refused).toBeGreaterThan(500);
});

test.each([
  {},
  { parallel: 4, store: "runs.db", agents: [] },
  { agents: [{ id: "bash", backend: "command", capabilities: ["test"], max_concurrent: 8 }] },
  { agents: [{ id: "explore", permissions: "full", allow: ["git log *"], env: { A: "1" } }] },
  { agents: [{ id: "explore", backend: "codex", model: "small", config: { "a.b": 1, c: "x", d: true } }] },
  { agents: [{ id: "explore", backend: "acp", agent: "goose", start_timeout: "2m" }] },
  { agents: [{ id: "explore", backend: "model", model: "openai/small", base_url: "http://localhost:1" }] },
  { agents: [{ id: "explore", backend: "claude-code", max_budget: 2.5, max_turns: 3, deny: ["rm *"] }] },
])("configuration %j is good for reader and schema", (data) => {
  expect(readConfig(data).ok).toBe(true);
  expect(configFits(data)).toBe(true);
});

test.each([
  { parallel: 0 },
  { store: "" },
  { agents: {} },
  { agents: [{}] },
  { agents: [{ id: "bash", max_concurrent: -1 }] },
  { agents: [{ id: "bash", fallback: [] }] },
  { agents: [{ id: "bash", permissions: "all" }] },
  { agents: [{ id: "bash", backend: "pi" }] },
  { agents: [{ id: "bash", model: "small" }] },
  { agents: [{ id: "bash", backend: "codex", allow: ["ls"] }] },
  { agents: [{ id: "bash", backend: "codex", config: { a: [1] } }] },
  { agents: [{ id: "bash", backend: "command", permissions: "full" }] },
  { agents: [{ id: "bash", backend: "claude-code", max_budget: 0 }] },
  { agents: [{ id: "bash", backend: "gemini", fallback_model: "other" }] },
  { agent: [] },
])("configuration %j is bad for reader and schema", (data) => {
  expect(readConfig(data).ok).toBe(false);
  expect(configFits(data)).toBe(false);
});
