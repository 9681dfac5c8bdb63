import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Backend, type ClaudeCodeOptions, claudeCode } from "../src/index.ts";
import { fixture, temporaryFolder, until } from "./helpers.ts";
import { agentTask, newContext } from "./tasks.ts";

const sessionId = "0b9ac7c1-0f0f-4e4e-8a8a-123456789abc";

function backend(behaviour: string, options: ClaudeCodeOptions = {}): Backend {
  return claudeCode({
    executable: fixture("fake-claude.mjs"),
    ...options,
    env: { CLAUDE_FAKE: behaviour, ...options.env },
  });
}

function givenIn(workspace: string): {
  arguments: string[];
  environment: Record<string, string>;
  prompt: string;
} {
  return JSON.parse(readFileSync(join(workspace, "given.json"), "utf8"));
}

test("a task is done, its session reported, and what was printed kept", async () => {
  const context = newContext();

  const outcome = await backend("answer").run(agentTask({ description: "Explain" }), context);

  expect(outcome).toMatchObject({ type: "answered", output: "done", sessionId });
  expect(context.reports).toContainEqual({ sessionId });
  expect(readFileSync(context.outputFile, "utf8")).toContain('"type":"result"');
});

test("a task's text reaches the program on stdin alone", async () => {
  const context = newContext();
  const text = "--dangerously-skip-permissions; $(touch hacked) `id` \"'\n/clear";

  await backend("answer").run(
    agentTask({ description: text, context: [text], constraints: [text], successCriteria: text }),
    context,
  );

  const given = givenIn(context.workspace);
  expect(given.prompt).toContain(text);
  expect(given.arguments.join(" ")).not.toContain("skip-permissions");
  expect(given.arguments.join(" ")).not.toContain("hacked");
});

test("the program gets its own variables and none of our secrets, and nothing that ties it to an outer session", async () => {
  const context = newContext();
  Object.assign(process.env, {
    SECRET_TOKEN: "s",
    ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
    CLAUDE_CODE_SSE_PORT: "9",
    CLAUDECODE: "1",
  });

  await backend("answer").run(agentTask({ env: { FROM_TASK: "yes" } }), context);
  for (const name of ["SECRET_TOKEN", "ANTHROPIC_BASE_URL", "CLAUDE_CODE_SSE_PORT", "CLAUDECODE"])
    delete process.env[name];

  const { environment } = givenIn(context.workspace);
  expect(environment).toMatchObject({
    ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
    CLAUDE_CODE_MAX_RETRIES: "2",
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
    FROM_TASK: "yes",
    MAI_MARK: context.mark,
  });
  for (const name of ["SECRET_TOKEN", "CLAUDE_CODE_SSE_PORT", "CLAUDECODE"])
    expect(environment).not.toHaveProperty(name);
});

test("a session that still exists is continued, one that is gone is not", async () => {
  const config = temporaryFolder();
  mkdirSync(join(config, "projects", "-some-project"), { recursive: true });
  writeFileSync(join(config, "projects", "-some-project", `${sessionId}.jsonl`), "{}\n");
  const context = newContext();
  const claude = backend("answer", { env: { CLAUDE_CONFIG_DIR: config } });

  await claude.run(agentTask({}, { sessionId }), context);
  expect(givenIn(context.workspace).arguments.slice(-2)).toEqual(["--resume", sessionId]);

  await claude.run(agentTask({}, { sessionId: "11111111-2222-4333-8444-555555555555" }), context);
  expect(givenIn(context.workspace).arguments).not.toContain("--resume");

  await claude.run(agentTask({}, { sessionId: "../../etc/passwd" }), context);
  expect(givenIn(context.workspace).arguments).not.toContain("--resume");
});

test("files inside the workspace are named from there", async () => {
  expect(await backend("write").run(agentTask({}), newContext())).toMatchObject({
    artifacts: ["docs/graph.md"],
  });
});

test("a program that lingers after its result is ended, and has answered", async () => {
  expect(await backend("linger").run(agentTask({}), newContext())).toMatchObject({
    type: "answered",
    output: "done",
  });
});

test("an abort settles with no process left", async () => {
  const controller = new AbortController();
  const context = newContext({ signal: controller.signal });
  const running = backend("hang").run(agentTask({}), context);
  await until(() => context.reports.some((report) => report.sessionId !== undefined));

  controller.abort();

  expect(await running).toMatchObject({ type: "failed", reason: "ended on request", sessionId });
});

test("lines that say nothing to people are signs of life all the same", async () => {
  const context = newContext();

  await backend("mutter").run(agentTask({ idleTimeout: 400 }), context);

  expect(context.reports.filter((report) => Object.keys(report).length === 0).length).toBeGreaterThan(3);
});

test("where Claude Code is not installed, the failure names the command that installs it", async () => {
  const outcome = await claudeCode({ executable: "claude-that-is-not-there" }).run(
    agentTask({}),
    newContext(),
  );

  expect(outcome).toMatchObject({
    type: "failed",
    kind: "permanent",
    reason:
      "Claude Code is not installed (the program claude-that-is-not-there was not found); install it with: npm install -g @anthropic-ai/claude-code",
  });
});

test("a task larger than Claude Code takes is refused before anything starts", async () => {
  const outcome = await backend("answer").run(
    agentTask({ description: "x".repeat(11 * 1024 * 1024) }),
    newContext(),
  );

  expect(outcome).toMatchObject({
    type: "failed",
    kind: "permanent",
    reason: expect.stringContaining("at most 10485760"),
  });
});
