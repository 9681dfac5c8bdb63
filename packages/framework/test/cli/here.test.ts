import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { expect, test } from "vitest";
import { endedRun } from "../support/ended-run.ts";
import { folder, mai } from "../support/test-io.ts";

test("init makes tasks of the scripts it finds, and its plan is valid; it overwrites only with --force", async () => {
  const scripts = { test: "node --test", lint: "true", build: "true", other: "true" };
  const cwd = folder({ "package.json": JSON.stringify({ scripts }) });

  const first = await mai(cwd, ["init"]);
  const valid = await mai(cwd, ["validate", "plan.yaml"]);
  const dry = JSON.parse((await mai(cwd, ["run", "plan.yaml", "--dry-run", "--json"])).out);
  const second = await mai(cwd, ["init"]);
  const forced = await mai(cwd, ["init", "--force", "--json"]);

  expect(first.out).toContain("lint, test, build");
  expect(valid.code).toBe(0);
  expect(dry.tasks.map((task: { taskId: string; command: string }) => [task.taskId, task.command])).toEqual([
    ["lint", "npm run lint"],
    ["test", "npm run test"],
    ["build", "npm run build"],
  ]);
  expect(second).toMatchObject({
    code: 4,
    err: expect.stringContaining("plan.yaml and mai.config.yaml are there already"),
  });
  expect(JSON.parse(forced.out)).toEqual({
    files: ["plan.yaml", "mai.config.yaml"],
    tasks: ["lint", "test", "build"],
  });
});

test("init in an empty folder writes a plan that runs", async () => {
  const cwd = folder();

  await mai(cwd, ["init"]);
  const { code } = await mai(cwd, ["run", "plan.yaml"]);

  expect(code).toBe(0);
  expect(readdirSync(cwd).sort()).toEqual([".mai", "mai.config.yaml", "plan.yaml"]);
});

test("init where it cannot write names the file, the reason and what to do, and is no bug", async () => {
  const cwd = folder();
  // A folder in the file's place cannot be written to by anybody, root included.
  mkdirSync(join(cwd, "plan.yaml"));

  const said = await mai(cwd, ["init", "--force"]);

  expect(said.code).toBe(4);
  expect(said.err).toMatch(/^mai: .*plan\.yaml cannot be written: .*EISDIR.*\n {5}Check the folder.*\n$/);
});

test("validate lists every mistake with its line, as text and as objects", async () => {
  const text =
    "version: 1\ntasks:\n  - id: a\n    type: tset\n    description: x\n    success_criteria: y\n    comand: z\n";
  const cwd = folder({ "plan.yaml": text });

  const said = await mai(cwd, ["validate", "plan.yaml"]);
  const json = await mai(cwd, ["validate", "plan.yaml", "--json"]);

  expect(said.code).toBe(4);
  expect(said.err).toContain("plan.yaml:4:");
  expect(said.err).toContain("plan.yaml:7:");
  expect(json.code).toBe(4);
  expect(JSON.parse(json.out)).toMatchObject({
    ok: false,
    problems: [{ place: { line: 4 } }, { place: { line: 7 } }],
  });
});

test("validate names an unknown agent together with the other mistakes, each on a line of its own", async () => {
  const task = "description: x, success_criteria: y";
  const cwd = folder({
    "plan.yaml": `version: 1
tasks:
  - { id: a, type: test, agent: nobody, ${task} }
  - { id: b, type: tset, agent: bahs, ${task} }
  - { id: c, type: test, agent: bash, command: "true", comand: z, ${task} }
`,
  });

  const said = await mai(cwd, ["validate", "plan.yaml"]);
  const piped = await mai(cwd, ["validate", "-"], { stdin: readFileSync(join(cwd, "plan.yaml"), "utf8") });

  const [head, ...lines] = said.err.trimEnd().split("\n");
  const plan = "plan.yaml";
  expect(head).toBe(`mai: ${plan} has 4 mistakes:`);
  expect(lines.map((line) => line.split(/:\d+: /)[0])).toEqual([
    `${plan}:3`,
    `${plan}:4`,
    `${plan}:4`,
    `${plan}:5`,
    "     `mai validate PLAN --json` names a remedy for each. [plan.no-agent]",
  ]);
  expect(said.err).toContain("there is no agent `nobody`");
  expect(said.err).toContain("did you mean `bash`?");
  expect(said.code).toBe(4);
  expect(piped.err).toContain("mai: <stdin> has 4 mistakes:");
});

test("agents lists the defaults and what the configuration adds, and what stands in the way", async () => {
  const config = "agents:\n  - { id: linter, backend: command, capabilities: [test], max_concurrent: 7 }\n";
  const cwd = folder({ "mai.config.yaml": config });

  const { out } = await mai(cwd, ["agents"], { env: { PATH: "/bin" } });
  const json = JSON.parse((await mai(cwd, ["agents", "--json"], { env: { PATH: "/bin" } })).out);

  expect(out).toMatch(/linter +ready +7 +command +commands/);
  expect(out).toMatch(
    /explore +not ready[\s\S]*No agent program is installed \(claude, codex, opencode, gemini, qwen\)\. Install one: npm install/,
  );
  expect(json.agents.map((agent: { agentId: string }) => agent.agentId)).toEqual([
    "general-purpose",
    "bash",
    "explore",
    "linter",
  ]);
});

test("doctor is content with a good folder, and exits with 1 for a broken configuration or store", async () => {
  const { cwd } = await endedRun();
  const well = await mai(cwd, ["doctor"]);
  writeFileSync(join(cwd, "mai.config.yaml"), "agents: 3\n");
  const badConfig = await mai(cwd, ["doctor", "--json"]);
  writeFileSync(join(cwd, "mai.config.yaml"), "");
  writeFileSync(join(cwd, "broken.db"), "SQLite format 3 is what this file says, and nothing else");
  const badStore = await mai(cwd, ["doctor", "--store", "broken.db"]);

  expect(well.code).toBe(0);
  expect(well.out).toContain("is sound");
  expect(badConfig.code).toBe(1);
  expect(JSON.parse(badConfig.out)).toMatchObject({ ok: false });
  expect(badStore.code).toBe(1);
  expect(badStore.out).toContain("broken.db");
});

test("doctor warns of an agent whose permissions leave it nothing to do, and misses a program that the configuration names", async () => {
  const agent =
    "{ id: shell, backend: claude-code, profile: bash, permissions: read-only, capabilities: [test], max_concurrent: 1 }";
  const reader =
    "{ id: reader, backend: claude-code, profile: explore, capabilities: [review], max_concurrent: 1 }";
  const cwd = folder({ "mai.config.yaml": `agents:\n  - ${agent}\n  - ${reader}\n` });

  const { out, code } = await mai(cwd, ["doctor"], { env: { PATH: "/bin" } });

  expect(out).toMatch(
    /agent shell +profile `bash` with `read-only` and nothing under `allow` can do nothing/,
  );
  expect(out).toMatch(/x agents +claude is not installed; .*reader: can do nothing/);
  expect(code).toBe(1);
});

test("doctor names a run whose process died, and how to go on", async () => {
  const cwd = folder();
  const store = openSqliteStore({ path: join(cwd, ".mai", "mai.db"), clock: systemClock });
  const run = {
    runId: "run-left",
    name: null,
    root: cwd,
    parallel: null,
    failFast: false,
    timeoutMs: null,
    sharedChecks: true,
  };
  await store.submit(run, [
    { taskId: "a", type: "test", description: "a", context: [], constraints: [], successCriteria: "a" },
  ]);
  await store.close();

  expect((await mai(cwd, ["doctor"])).out).toContain("mai resume run-left");
});
