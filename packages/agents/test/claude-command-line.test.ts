import { isMaiError } from "mai-orchestration-core";
import { expect, test } from "vitest";
import { argumentsOf } from "../src/claude-code/command-line.ts";
import { type ClaudeCodeOptions, resolveClaudeOptions } from "../src/claude-code/options.ts";

function flags(options: ClaudeCodeOptions, resume: string | null = null): string {
  return argumentsOf(resolveClaudeOptions(options), { resume, schema: null }).join(" ");
}

const always = "-p --output-format stream-json --verbose";

test.each<[string, ClaudeCodeOptions, string]>([
  ["by default every tool, and writes inside the workspace", {}, "--permission-mode acceptEdits"],
  [
    "a shell agent has its shell only, and no command that nobody allowed",
    { profile: "bash" },
    "--permission-mode acceptEdits --tools Bash",
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
  [
    "what is denied is, whatever is allowed",
    { allow: ["git *"], deny: ["git push *"] },
    "--permission-mode acceptEdits --allowedTools Bash(git *) --disallowedTools Bash(git push *)",
  ],
  [
    "named tools take the place of the profile's",
    { profile: "explore", tools: ["Read", "mcp__docs__search"] },
    "--permission-mode dontAsk --tools Read,mcp__docs__search",
  ],
  [
    "a second model and more of a system prompt",
    { model: "opus", fallbackModel: "sonnet", appendSystemPrompt: "--be brief" },
    "--permission-mode acceptEdits --model opus --fallback-model sonnet --append-system-prompt --be brief",
  ],
  [
    "who is asked for permission is asked, also by one that reads only",
    { permissions: "read-only", onPermission: () => "deny" },
    "--input-format stream-json --permission-prompt-tool stdio --permission-mode default",
  ],
  [
    "a session to begin from is copied",
    { forkSession: "11111111-2222-4333-8444-555555555555" },
    "--permission-mode acceptEdits --resume 11111111-2222-4333-8444-555555555555 --fork-session",
  ],
])("%s", (_, options, expected) => {
  expect(flags(options)).toBe(`${always} ${expected}`);
});

test("each allowed command is one argument", () => {
  const given = argumentsOf(resolveClaudeOptions({ allow: ["npm test", "git diff *"] }), {
    resume: null,
    schema: null,
  });

  expect(given.slice(-3)).toEqual(["--allowedTools", "Bash(npm test)", "Bash(git diff *)"]);
});

test("a schema is one argument, and a task's own session goes before the one to begin from", () => {
  const options = resolveClaudeOptions({ forkSession: "11111111-2222-4333-8444-555555555555" });
  const resume = "22222222-2222-4333-8444-555555555555";
  const schema = '{"type":"object","title":"--x y"}';

  expect(argumentsOf(options, { resume, schema }).slice(-4)).toEqual([
    "--json-schema",
    schema,
    "--resume",
    resume,
  ]);
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
  { deny: ["npm test), Write(*"] },
  { tools: [] },
  { tools: ["Bash(rm *)"] },
  { tools: ["--x"] },
  { fallbackModel: "-x" },
  { model: "opus", fallbackModel: "opus" },
  { appendSystemPrompt: " " },
  { appendSystemPrompt: "x".repeat(100_001) },
  { forkSession: "../x" },
  { permissions: "full", onPermission: () => "allow" },
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
