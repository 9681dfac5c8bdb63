import { isMaiError } from "mai-orchestration-core";
import { expect, test } from "vitest";
import { argumentsOf } from "../src/claude-code/command-line.ts";
import { type ClaudeCodeOptions, resolveClaudeOptions } from "../src/claude-code/options.ts";
import { buildPrompt } from "../src/claude-code/prompt.ts";
import { createFarmTaskFor } from "./tasks.ts";

function flags(options: ClaudeCodeOptions, resume: string | null = null): string {
  return argumentsOf(resolveClaudeOptions(options), resume).join(" ");
}

const always = "-p --output-format stream-json --verbose";

test.each<[string, ClaudeCodeOptions, string]>([
  ["by default every tool, and writes inside the workspace", {}, "--permission-mode acceptEdits"],
  [
    "a shell agent has its shell only, and may use it",
    { profile: "bash" },
    "--permission-mode acceptEdits --tools Bash --allowedTools Bash",
  ],
  [
    "a shell agent with a list may run only that",
    { profile: "bash", allow: ["npm test"] },
    "--permission-mode acceptEdits --tools Bash --allowedTools Bash(npm test)",
  ],
  [
    "a shell agent that reads only may run what needs no approval",
    { profile: "bash", permissions: "read-only" },
    "--permission-mode dontAsk --tools Bash",
  ],
  [
    "an explorer reads only",
    { profile: "explore" },
    "--permission-mode dontAsk --tools Read,Grep,Glob,WebFetch,WebSearch",
  ],
  [
    "full permissions are skipped ones, only when configured",
    { permissions: "full" },
    "--dangerously-skip-permissions",
  ],
  [
    "limits and model are passed on",
    { model: "sonnet", maxTurns: 7, maxBudgetUsd: 0.5 },
    "--permission-mode acceptEdits --model sonnet --max-turns 7 --max-budget-usd 0.5",
  ],
])("%s", (_, options, expected) => {
  expect(flags(options)).toBe(`${always} ${expected}`);
});

test("each allowed command is one argument", () => {
  const given = argumentsOf(resolveClaudeOptions({ allow: ["npm test", "git diff *"] }), null);

  expect(given.slice(-3)).toEqual(["--allowedTools", "Bash(npm test)", "Bash(git diff *)"]);
});

test("a session is continued", () => {
  expect(flags({}, "11111111-2222-4333-8444-555555555555")).toContain(
    "--resume 11111111-2222-4333-8444-555555555555",
  );
});

test.each<ClaudeCodeOptions>([
  { model: "--dangerously-skip-permissions" },
  { model: "" },
  { allow: [""] },
  { allow: ["npm test), Write(*"] },
  { allow: ["a\nb"] },
  { maxTurns: 0 },
  { maxTurns: 1.5 },
  { maxBudgetUsd: Number.NaN },
])("%o is refused", (options) => {
  let code: string | null = null;
  try {
    resolveClaudeOptions(options);
  } catch (error) {
    code = isMaiError(error) ? error.code : null;
  }

  expect(code).toBe("agent.invalid");
});

test("the prompt holds what the task says, and nothing for what it leaves out", () => {
  const task = createFarmTaskFor({
    description: "Explain the graph",
    successCriteria: "docs/graph.md exists",
    context: ["packages/", "two\nlines"],
    constraints: ["no new files"],
  });

  expect(buildPrompt({ runId: "r", task, attempt: 1, feedback: null, sessionId: null })).toBe(
    [
      "Do the following research task. Nobody can answer questions while you work; when you are done, say in a few sentences what you did and what remains.",
      "## Task\n\nExplain the graph",
      "## Success criteria\n\ndocs/graph.md exists",
      "## Context\n\n- packages/\n- two\n  lines",
      "## Constraints\n\n- no new files\n",
    ].join("\n\n"),
  );
});

test("after a failure the prompt says why", () => {
  const prompt = buildPrompt({
    runId: "r",
    task: createFarmTaskFor({}),
    attempt: 2,
    feedback: "test -s docs/graph.md: exit code 1",
    sessionId: null,
  });

  expect(prompt).toContain(
    "## This is attempt 2. Why the one before did not succeed\n\ntest -s docs/graph.md: exit code 1",
  );
  expect(prompt).not.toContain("## Context");
});

test("a task that looks like a command of Claude Code's own is none", () => {
  const prompt = buildPrompt({
    runId: "r",
    task: createFarmTaskFor({ description: "/clear" }),
    attempt: 1,
    feedback: null,
    sessionId: null,
  });

  expect(prompt.startsWith("Do the following")).toBe(true);
});
