import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, jsonLines, mai, planText } from "../support/test-io.ts";

const good = planText(
  { a: { command: "echo a", verify: ["test -e plan.json"] }, b: { command: "echo b", depends_on: ["a"] } },
  { name: "two" },
);
const bad = planText({ a: "exit 3", b: { command: "true", depends_on: ["a"] }, c: "true" });

test("a run whose tasks all succeed exits with 0 and its summary names each", async () => {
  const cwd = folder({ "plan.json": good });

  const { code, out, err } = await mai(cwd, ["run", "plan.json"]);

  expect(err).toBe("");
  expect(code).toBe(0);
  expect(out).toMatch(/a +verified +1/);
  expect(out).toMatch(/b +unverified +1/);
  expect(out).toContain("2 tasks: 1 verified, 1 unverified");
  expect(readFileSync(join(cwd, ".mai", ".gitignore"), "utf8")).toBe("*\n");
});

test("a failed task makes 1 of the exit code, and what depends on it is blocked with its reason", async () => {
  const { code, out } = await mai(folder({ "plan.json": bad }), ["run", "plan.json"]);

  expect(code).toBe(1);
  expect(out).toMatch(/a +failed .*exit code 3/);
  expect(out).toMatch(/b +blocked .*its dependency a failed/);
  expect(out).toMatch(/c +unverified/);
});

test("with --json every line is an event, and together they are the journal", async () => {
  const cwd = folder({ "plan.json": bad });

  const run = await mai(cwd, ["run", "plan.json", "--json"]);
  const events = await mai(cwd, ["events", "--json"]);

  expect(run.out).toBe(events.out);
  const lines = jsonLines(run.out);
  expect(lines[0]).toMatchObject({ type: "run.created" });
  expect(lines.at(-1)).toMatchObject({ type: "run.finished", verdict: "failed" });
  expect(lines.at(-1)?.["results"]).toHaveLength(3);
  expect(lines.map((line) => line["seq"])).toEqual(
    lines.map((line) => line["seq"]).toSorted((x, y) => Number(x) - Number(y)),
  );
  for (const line of lines) expect(Object.keys(line).slice(0, 4)).toEqual(["seq", "at", "type", "runId"]);
});

test("--fail-fast cancels the rest and exits with 1", async () => {
  const plan = planText({ a: "exit 1", slow: "sleep 20", z: { command: "true", depends_on: ["slow"] } });

  const { code, out } = await mai(folder({ "plan.json": plan }), ["run", "plan.json", "--fail-fast"]);

  expect(code).toBe(1);
  expect(out).toMatch(/slow +cancelled .*fail-fast/);
  expect(out).toMatch(/z +cancelled/);
});

test("--timeout ends the run, with 1", async () => {
  const { code, out } = await mai(folder({ "plan.json": planText({ slow: "sleep 20" }) }), [
    "run",
    "plan.json",
    "--timeout",
    "300ms",
  ]);

  expect(code).toBe(1);
  expect(out).toMatch(/slow +cancelled .*overall timeout of 300ms/);
});

test("--parallel 1 runs one after the other, over what the plan says", async () => {
  const cwd = folder({
    "plan.json": planText({ a: "sleep 0.2", b: "sleep 0.2", c: "sleep 0.2" }, { parallel: 3 }),
  });

  const { out } = await mai(cwd, ["run", "plan.json", "--parallel", "1", "--json"]);

  let running = 0;
  let most = 0;
  for (const { type } of jsonLines(out)) {
    if (type === "attempt.started") most = Math.max(most, ++running);
    if (type === "task.succeeded") running--;
  }
  expect(most).toBe(1);
  expect(jsonLines(out)[0]).toMatchObject({ parallel: 1 });
});

test("a plan from stdin runs in the current folder", async () => {
  const cwd = folder();

  const { code } = await mai(cwd, ["run", "-"], { stdin: planText({ a: "echo here > made" }) });

  expect(code).toBe(0);
  expect(existsSync(join(cwd, "made"))).toBe(true);
  expect(existsSync(join(cwd, ".mai", "mai.db"))).toBe(true);
});

test("--store puts the run elsewhere, and the other verbs find it there", async () => {
  const cwd = folder({ "plan.json": good });

  const { code } = await mai(cwd, ["run", "plan.json", "--store", "other.db"]);

  expect(code).toBe(0);
  expect(existsSync(join(cwd, "other.db"))).toBe(true);
  expect(existsSync(join(cwd, ".mai", "mai.db"))).toBe(false);
  expect((await mai(cwd, ["ps", "--store", "other.db"])).out).toContain("two");
});

test("a store that the configuration names is used by run and found by status", async () => {
  const cwd = folder({ "plan.json": good, "mai.config.yaml": "store: kept/runs.db\n" });

  await mai(cwd, ["run", "plan.json"]);

  expect(existsSync(join(cwd, "kept", "runs.db"))).toBe(true);
  expect((await mai(cwd, ["status"])).out).toContain("2 tasks");
});

test("--dry-run shows order, agents and waves, and leaves nothing", async () => {
  const cwd = folder({ "plan.json": good });

  const { code, out } = await mai(cwd, ["run", "plan.json", "--dry-run"]);
  const json = JSON.parse((await mai(cwd, ["run", "plan.json", "--dry-run", "--json"])).out);

  expect(code).toBe(0);
  expect(out).toContain("2 tasks in 2 waves");
  expect(json.tasks).toMatchObject([
    { taskId: "a", wave: 1, agents: ["bash"], dependsOn: [] },
    { taskId: "b", wave: 2, agents: ["bash"], dependsOn: ["a"] },
  ]);
  expect(existsSync(join(cwd, ".mai"))).toBe(false);
});

test("--dry-run and validate say how many can run at once: what the agents in question take, and parallel", async () => {
  const config = "agents:\n  - { id: bash, max_concurrent: 3 }\n";
  const cwd = folder({ "plan.json": good, "mai.config.yaml": config });
  const dry = ["run", "plan.json", "--dry-run"];

  expect((await mai(cwd, dry)).out).toContain("2 waves, at most 3 at once");
  expect((await mai(cwd, [...dry, "--parallel", "2"])).out).toContain("at most 2 at once");
  expect((await mai(cwd, [...dry, "--parallel", "9"])).out).toContain("at most 3 at once");
  expect(JSON.parse((await mai(cwd, [...dry, "--json"])).out)).toMatchObject({ atOnce: 3, parallel: null });
  expect((await mai(cwd, ["validate", "plan.json"])).out).toContain("at most 3 at once");
});

test("a missing program of an agent makes 4 of a dry run, as of the run, and a note of validate", async () => {
  const cwd = folder({ "plan.json": planText({ a: { agent: "general-purpose" } }) });
  const env = { PATH: "/nowhere" };

  const run = await mai(cwd, ["run", "plan.json"], { env });
  const dry = await mai(cwd, ["run", "plan.json", "--dry-run"], { env });
  const valid = await mai(cwd, ["validate", "plan.json"], { env });
  const json = JSON.parse((await mai(cwd, ["validate", "plan.json", "--json"], { env })).out);

  expect(run.err).toContain("no agent program is installed");
  expect([dry.code, dry.err]).toEqual([run.code, run.err]);
  expect(dry.code).toBe(4);
  expect(dry.out).toContain("Nothing was started");
  expect(valid.code).toBe(0);
  expect(valid.out).toContain(
    "would refuse it on this machine: task a needs an agent, and no agent program is installed",
  );
  expect(json).toMatchObject({
    ok: true,
    notes: [expect.stringContaining("no agent program is installed")],
  });
});

test.each([
  {
    name: "a cycle",
    plan: planText({ a: { command: "true", depends_on: ["b"] }, b: { command: "true", depends_on: ["a"] } }),
    code: "plan.cycle",
  },
  {
    name: "an unknown dependency",
    plan: planText({ a: { command: "true", depends_on: ["zz"] } }),
    code: "plan.unknown-dependency",
  },
  { name: "a wrong type", plan: planText({ a: { command: "true", type: "dance" } }), code: "plan.invalid" },
  {
    name: "a negative timeout",
    plan: planText({ a: { command: "true", timeout: "-3s" } }),
    code: "plan.invalid",
  },
  {
    name: "an unknown pinned agent",
    plan: planText({ a: { command: "true", agent: "nobody" } }),
    code: "plan.no-agent",
  },
  { name: "text that is no YAML", plan: "tasks: [", code: "plan.invalid" },
  { name: "nothing in it", plan: "", code: "plan.invalid" },
])("a plan with $name is refused with 4 and $code, and leaves no .mai behind", async ({ plan, code }) => {
  const cwd = folder({ "plan.json": plan });

  const said = await mai(cwd, ["run", "plan.json"]);

  expect(said.code).toBe(4);
  expect(said.err).toContain("mai: ");
  expect(said.err).toContain("plan.json");
  expect(said.err).toContain(`[${code}]`);
  expect(existsSync(join(cwd, ".mai"))).toBe(false);
});

test("a task that only an agent could do is refused with the command that installs it, before anything is made", async () => {
  const cwd = folder({ "plan.json": planText({ a: { type: "review" } }) });

  const said = await mai(cwd, ["run", "plan.json"], { env: { PATH: "/bin" } });

  expect(said.code).toBe(4);
  expect(said.err).toContain("npm install -g @anthropic-ai/claude-code");
  expect(said.err).toContain("[agent.not-installed]");
  expect(existsSync(join(cwd, ".mai"))).toBe(false);
});

test.each([
  ["--parallel", "0"],
  ["--parallel", "NaN"],
  ["--parallel", "-2"],
  ["--parallel", "1.5"],
  ["--timeout", "-1s"],
  ["--timeout", "soon"],
])("%s %s is refused", async (flag, value) => {
  const cwd = folder({ "plan.json": good });

  const said = await mai(cwd, ["run", "plan.json", flag, value]);

  expect(said.code).toBe(4);
  expect(said.err).toContain(`${flag} must be`);
  expect(existsSync(join(cwd, ".mai"))).toBe(false);
});

test("on a terminal the ends of tasks scroll away, and the cursor is shown again", async () => {
  const terminal = { columns: 60, rows: 20 };

  const { code, out } = await mai(folder({ "plan.json": bad }), ["run", "plan.json"], { terminal });

  expect(code).toBe(1);
  expect(out).toContain("\u001b[?25l");
  expect(out.lastIndexOf("\u001b[?25h")).toBeGreaterThan(out.lastIndexOf("\u001b[?25l"));
  expect(out).toContain("3/3 done");
  expect(out).toMatch(/✖.* a/);
});

test("NO_COLOR takes only the colours away: the display stays live, and marks tell verified from unverified", async () => {
  const { out } = await mai(folder({ "plan.json": good }), ["run", "plan.json"], {
    terminal: { columns: 80, rows: 24 },
    env: { NO_COLOR: "1" },
  });

  expect(out).toContain("\u001b[?25l");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what sets a colour.
  expect(out).not.toMatch(/\u001b\[[0-9;]*m/);
  expect(out).toMatch(/✔ +a +verified/);
  expect(out).toMatch(/○ +b +unverified/);
});

test.each([
  ["CI", "1"],
  ["TERM", "dumb"],
])("with %s=%s, a terminal gets plain lines too", async (name, value) => {
  const { out } = await mai(folder({ "plan.json": good }), ["run", "plan.json"], {
    terminal: { columns: 80, rows: 24 },
    env: { [name]: value },
  });

  expect(out).not.toContain("\u001b[?25l");
  expect(out).toContain("attempt 1 started by bash");
});
