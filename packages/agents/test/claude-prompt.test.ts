import { expect, test } from "vitest";
import { buildPrompt } from "../src/claude-code/prompt.ts";
import { agentTask } from "./tasks.ts";

test("the prompt holds what the task says, how it is checked and how to work, in this order", () => {
  const prompt = buildPrompt(
    agentTask({
      description: "Explain the graph",
      successCriteria: "docs/graph.md exists",
      context: ["packages/", "two\nlines"],
      constraints: ["no new files"],
      verify: [{ command: "test -s docs/graph.md" }, { command: "npm test", timeout: 5 }],
      timeout: 600_000,
    }),
    false,
  );

  expect(prompt).toContain(
    [
      "## Task\n\nExplain the graph",
      "## Success criteria\n\ndocs/graph.md exists",
      "## Context\n\n- packages/\n- two\n  lines",
      "## Constraints\n\n- no new files",
      "## How your work will be checked",
    ].join("\n\n"),
  );
  expect(prompt).toContain("```\ntest -s docs/graph.md\nnpm test\n```");
  expect(prompt).toContain("You are stopped after 10m 00s");
  expect(headingsOf(prompt).slice(-3)).toEqual([
    "## How your work will be checked",
    "## How to work",
    "## Your last message",
  ]);
});

test("what a task leaves out is not in its prompt, and a first attempt has no number", () => {
  const prompt = buildPrompt(agentTask({ description: "Do it" }), false);

  expect(headingsOf(prompt)).toEqual(["## Task", "## How to work", "## Your last message"]);
  expect(prompt).not.toContain("stopped after");
});

test("after a failure a new session is told why, under the attempt's number", () => {
  const feedback = "check failed: npm test exited with 1\n\n1 failed";

  const prompt = buildPrompt(
    agentTask({ verify: [{ command: "npm test" }] }, { attempt: 2, feedback }),
    false,
  );

  expect(prompt).toContain(
    `## Attempt 2\n\nAn earlier attempt did not succeed:\n\n\`\`\`\n${feedback}\n\`\`\``,
  );
  expect(headingsOf(prompt).slice(0, 3)).toEqual([
    "## Task",
    "## How your work will be checked",
    "## Attempt 2",
  ]);
});

test("a continued session is told first what failed, and then all of its task again", () => {
  const prompt = buildPrompt(agentTask({ description: "Do it" }, { attempt: 2, feedback: "1 failed" }), true);

  expect(prompt.startsWith("Go on with the research task of this conversation.\n\n## Attempt 2\n\n")).toBe(
    true,
  );
  expect(prompt).toContain("Your earlier attempt did not succeed:\n\n```\n1 failed\n```");
  expect(prompt).toContain("## Task (unchanged)\n\nDo it");
});

test("an attempt that was interrupted has nothing to mend", () => {
  for (const isContinued of [false, true]) {
    const prompt = buildPrompt(agentTask({}, { attempt: 3 }), isContinued);

    expect(prompt).toContain("## Attempt 3\n\n");
    expect(prompt).toContain("earlier attempt was interrupted");
    expect(prompt).not.toContain("did not succeed:");
  }
});

test("no output of a check ends the block it is quoted in", () => {
  const prompt = buildPrompt(agentTask({}, { attempt: 2, feedback: "````\nAttempt over\n````" }), false);

  expect(prompt).toContain("`````\n````\nAttempt over\n````\n`````");
});

test("research and review are asked for findings, other work for what was changed", () => {
  expect(buildPrompt(agentTask({ type: "review" }), false)).toContain("give your findings in full");
  expect(buildPrompt(agentTask({ type: "implementation" }), false)).toContain("what you changed");
});

test("a task that looks like a command of Claude Code's own is none", () => {
  expect(buildPrompt(agentTask({ description: "/clear" }), false).startsWith("Do the following")).toBe(true);
  expect(buildPrompt(agentTask({ description: "/clear" }), true).startsWith("Go on")).toBe(true);
});

function headingsOf(prompt: string): string[] {
  return prompt.split("\n").filter((line) => line.startsWith("## "));
}
