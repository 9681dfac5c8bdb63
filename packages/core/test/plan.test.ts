import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatProblem, pathText } from "../src/plan/problem.ts";
import { type PlanReading, readPlan } from "../src/plan/read-plan.ts";
import { farmTasks, plan, task, written } from "./support/plan-examples.ts";

function problemsOf(reading: PlanReading): string[] {
  if (reading.ok) return [];
  return reading.problems.map((problem) => `${problem.code} ${pathText(problem.path)}: ${problem.message}`);
}

function tasksOf(reading: PlanReading): unknown {
  if (!reading.ok) throw new Error(problemsOf(reading).join("\n"));
  return reading.plan.tasks;
}

describe("a good plan", () => {
  test("becomes tasks under their names in the program, durations in milliseconds", () => {
    const reading = readPlan({
      $schema: "./plan.schema.json",
      version: 1,
      name: "nightly",
      parallel: 4,
      fail_fast: true,
      timeout: "1h",
      tasks: [
        task("types", { command: "npx tsc -b", isolation: "none" }),
        task("explain", {
          depends_on: ["types"],
          verify: ["test -s a", { command: "test -s b", timeout: "5s" }],
          retry: { max_attempts: 3, backoff: "2s" },
          idle_timeout: "1m",
        }),
      ],
    });

    const common = {
      type: "test",
      description: "Do it",
      successCriteria: "It is done",
      context: [],
      constraints: [],
    };
    expect(reading).toEqual({
      ok: true,
      plan: {
        version: 1,
        name: "nightly",
        parallel: 4,
        failFast: true,
        maxCostUsd: null,
        timeoutMs: 3_600_000,
        tasks: [
          { taskId: "types", ...common, command: "npx tsc -b", isolation: "none" },
          {
            taskId: "explain",
            ...common,
            dependsOn: ["types"],
            verify: [{ command: "test -s a" }, { command: "test -s b", timeout: 5_000 }],
            retry: { maxAttempts: 3, backoff: 2_000 },
            idleTimeout: 60_000,
          },
        ],
      },
    });
  });

  test("leaves open what it does not say", () => {
    expect(readPlan(plan(task("a")))).toMatchObject({
      ok: true,
      plan: { name: null, parallel: null, failFast: false, timeoutMs: null },
    });
  });

  test("gives every task its defaults: own keys win, retry and env are merged", () => {
    const defaults = {
      timeout: "10m",
      context: ["docs/"],
      retry: { max_attempts: 2, max_lost: 1 },
      env: { A: "1", B: "1" },
      locks: ["db"],
    };
    const own = task("own", { timeout: "1m", context: [], retry: { max_attempts: 5 }, env: { B: "2" } });

    expect(tasksOf(readPlan({ ...plan(task("plain"), own), defaults }))).toMatchObject([
      {
        timeout: 600_000,
        context: ["docs/"],
        constraints: [],
        retry: { maxAttempts: 2, maxLost: 1 },
        env: { A: "1", B: "1" },
        locks: ["db"],
      },
      {
        timeout: 60_000,
        context: [],
        retry: { maxAttempts: 5, maxLost: 1 },
        env: { A: "1", B: "2" },
        locks: ["db"],
      },
    ]);
  });

  test("shares no list between its tasks", () => {
    const reading = readPlan({ ...plan(task("a"), task("b")), defaults: { context: ["x"] } });
    if (!reading.ok) throw new Error("refused");

    reading.plan.tasks[0]?.context.push("y");

    expect(reading.plan.tasks[1]?.context).toEqual(["x"]);
  });

  test("takes undefined for absent, as objects made in a program have it", () => {
    expect(readPlan(plan(task("a", { timeout: undefined })))).toMatchObject({ ok: true });
  });

  test("any tasks written as a plan are read as the same tasks", () => {
    fc.assert(
      fc.property(farmTasks, (tasks) => {
        expect(tasksOf(readPlan({ version: 1, tasks: tasks.map((one) => written(one)) }))).toEqual(tasks);
      }),
    );
  });
});

describe("a bad plan", () => {
  test.each([
    ["timeout", "-5m"],
    ["timeout", 600],
    ["timeout", 0],
    ["timeout", null],
    ["estimate", "soon"],
    ["idle_timeout", "0s"],
    ["type", "build"],
    ["priority", "urgent"],
    ["description", "  "],
    ["description", 5],
    ["command", "a\0b"],
    ["cwd", "/etc"],
    ["cwd", "a/../../b"],
    ["cwd", ".."],
    ["cwd", "~/x"],
    ["depends_on", "types"],
    ["env", ["A=1"]],
    ["locks", [""]],
    ["verify", [{}]],
    ["verify", ["ok", { command: "x", timeout: "never" }]],
    ["retry", { max_attempts: 0 }],
    ["retry", { max_lost: 1.5 }],
    ["retry", 3],
    ["isolation", "docker"],
    ["output_schema", "object"],
    ["output_schema", { type: "strng" }],
    ["id", "a b"],
    ["id", "../x"],
    ["id", "x".repeat(65)],
    ["id", 7],
  ])("is refused for %s: %j, at that key", (key, value) => {
    const reading = readPlan(plan(task("good"), task("bad", { [key]: value })));

    expect(reading.ok).toBe(false);
    if (reading.ok) return;
    expect(reading.problems).toHaveLength(1);
    expect(reading.problems[0]).toMatchObject({ code: "plan.invalid" });
    expect(reading.problems[0]?.path.slice(0, 3)).toEqual(
      JSON.stringify(value) === "[{}]" ? ["tasks", 1, "verify"] : ["tasks", 1, key],
    );
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1.5, "4", 1e9])(
    "is refused for parallel: %s",
    (parallel) => {
      expect(problemsOf(readPlan({ ...plan(task("a")), parallel }))).toEqual([
        expect.stringContaining("plan.invalid parallel: `parallel` must be a whole number"),
      ]);
    },
  );

  test.each([null, undefined, 5, "x", [], new Map(), () => 1])(
    "is refused as a whole when it is %s",
    (data) => {
      expect(readPlan(data).ok).toBe(false);
    },
  );

  test("is refused without tasks, for an empty set is no success", () => {
    expect(problemsOf(readPlan(plan()))).toEqual(["plan.invalid tasks: `tasks` is empty"]);
    expect(problemsOf(readPlan({ version: 1 }))).toEqual(["plan.invalid : `tasks` is missing"]);
  });

  test("of another version says which one is read", () => {
    expect(problemsOf(readPlan({ ...plan(task("a")), version: 2 }))).toEqual([
      "plan.invalid version: `version` must be `1`, the one this release reads, but is 2",
    ]);
  });

  test("names the key that was probably meant", () => {
    const reading = readPlan({
      ...plan(task("a", { dependsOn: [], timout: "5m", retry: { maxattempt: 2 } })),
      paralel: 4,
      agents: [],
      defaults: { type: "test", xyzzy: 1 },
    });

    expect(problemsOf(reading)).toEqual([
      "plan.invalid paralel: unknown key `paralel`; did you mean `parallel`?",
      "plan.invalid agents: unknown key `agents`",
      "plan.invalid defaults.type: unknown key `type`",
      "plan.invalid defaults.xyzzy: unknown key `xyzzy`",
      "plan.invalid tasks[0].dependsOn: unknown key `dependsOn`; did you mean `depends_on`?",
      "plan.invalid tasks[0].timout: unknown key `timout`; did you mean `timeout`?",
      "plan.invalid tasks[0].retry.maxattempt: unknown key `maxattempt`; did you mean `max_attempts`?",
    ]);
    if (reading.ok) throw new Error("accepted");
    expect(reading.problems[1]?.hint).toContain("mai.config.yaml");
    expect(reading.problems[2]?.hint).toContain("each task");
  });

  test("is refused for keys that every object has", () => {
    expect(problemsOf(readPlan(plan(task("a", { constructor: 1, toString: 2 }))))).toHaveLength(2);
    expect(problemsOf(readPlan(plan(JSON.parse('{"__proto__": {"type": "test"}}'))))).toHaveLength(5);
  });

  test("says every mistake at once, also of the graph", () => {
    const reading = readPlan(
      plan(
        task("a", { depends_on: ["b"], type: "tset" }),
        task("b", { depends_on: ["a", "lnit"] }),
        task("lint"),
        task("lint"),
        task("self", { depends_on: ["self"] }),
      ),
    );

    expect(problemsOf(reading)).toEqual([
      expect.stringContaining(
        "plan.invalid tasks[0].type: `type` must be `implementation`, `test`, `review` or `research`",
      ),
      "plan.duplicate-id tasks[3].id: the id `lint` is already used by tasks[2]",
      "plan.unknown-dependency tasks[1].depends_on[1]: depends on `lnit`, which is not in the plan; did you mean `lint`?",
      "plan.cycle tasks[0].depends_on[0]: tasks wait for each other in a cycle: a -> b -> a",
      "plan.cycle tasks[4].depends_on[0]: tasks wait for each other in a cycle: self -> self",
    ]);
  });

  test("with places has its problems in the order of the text, each in one line", () => {
    const reading = readPlan(plan(task("a", { depends_on: ["x"] }), task("b", { timeout: -1 })), (path) =>
      path[0] === "tasks" ? { line: Number(path[1]) + 3, column: 7 } : undefined,
    );

    if (reading.ok) throw new Error("accepted");
    expect(reading.problems.map((problem) => formatProblem(problem, "plan.yaml"))).toEqual([
      "plan.yaml:3:7: depends on `x`, which is not in the plan (task a)",
      "plan.yaml:4:7: `timeout` must be a duration such as `90s` or `10m`, but is -1 (task b)",
    ]);
  });

  test("cannot write control characters to the reader's terminal", () => {
    const reading = readPlan(plan(task("\u001b[2J", { "\u001b]0;x\u0007": 1 })));

    if (reading.ok) throw new Error("accepted");
    expect(reading.problems.map((problem) => formatProblem(problem, "p")).join("")).not.toMatch(/\p{Cc}/u);
  });
});

describe("a hundred thousand tasks", () => {
  const count = 100_000;
  const chain = Array.from({ length: count }, (_, i) =>
    task(`t${i}`, i === 0 ? {} : { depends_on: [`t${i - 1}`] }),
  );

  test("in one chain are read", () => {
    expect(readPlan(plan(...chain.slice(0, 1), ...chain.slice(1))).ok).toBe(true);
  });

  test("in one cycle are refused with a short message", () => {
    const ring = [task("t0", { depends_on: [`t${count - 1}`] }), ...chain.slice(1)];

    const reading = readPlan({ version: 1, tasks: ring });

    expect(problemsOf(reading)).toHaveLength(1);
    expect(problemsOf(reading)[0]).toContain("... 99989 more");
  });

  test("that are all wrong are all named", () => {
    const wrong = Array.from({ length: count }, (_, i) =>
      task(`t${i}`, { depends_on: [`u${i}`], timeout: -1 }),
    );

    expect(problemsOf(readPlan({ version: 1, tasks: wrong }))).toHaveLength(2 * count);
  });
});

test("text of a megabyte is judged, whatever stands in it, by patterns that do not go back over it", () => {
  const judged = ["a".repeat(1_000_000), `${"a".repeat(1_000_000)}\0`, " ".repeat(1_000_000)].map(
    (text) => readPlan(plan(task("a", { description: text, cwd: text, agent: text }))).ok,
  );

  expect(judged).toEqual([true, false, false]);
});
