import { expect, test } from "vitest";
import { agentsFrom } from "../../src/agents/agents-from.ts";
import { readConfig } from "../../src/config/read-config.ts";

const spare = { id: "spare", backend: "codex", capabilities: [], max_concurrent: 2 };

function mistakes(...agents: readonly object[]): readonly string[] {
  const reading = readConfig({ agents });
  return reading.ok ? [] : reading.problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test("an agent that only stands in needs no capabilities, and the chain reaches the engine", () => {
  const reading = readConfig({ agents: [{ id: "general-purpose", fallback: ["spare"] }, spare] });

  const agents = reading.ok ? agentsFrom(reading.config.agents, { PATH: "" }) : [];
  expect(agents[0]).toMatchObject({ agentId: "general-purpose", fallback: ["spare"] });
  expect(agents[3]).toMatchObject({ agentId: "spare", capabilities: [] });
});

test.each([
  [{ permissions: "full" }, "permissions"],
  [{ profile: "explore", permissions: "accept-edits" }, "profile"],
  [{ sandbox: "bwrap" }, "sandbox"],
  [{ backend: "gemini", allow: ["npm test"] }, "allow"],
  [{ backend: "claude-code", deny: ["rm *"] }, "deny"],
  [{ backend: "claude-code", tools: ["Read"] }, "tools"],
])("a stand-in that may do something else is refused with its place: %j", (more, what) => {
  expect(mistakes({ id: "general-purpose", fallback: ["spare"] }, { ...spare, ...more })).toEqual([
    `agents.0.fallback.0: \`spare\` would stand in for \`general-purpose\` with other ${what}`,
  ]);
});

test("chains to nobody, to oneself or to a shell are refused, and agents that nobody needs", () => {
  expect(
    mistakes(
      { id: "general-purpose", fallback: ["spar", "general-purpose", "bash"] },
      { id: "spare", backend: "codex", capabilities: [], max_concurrent: 1 },
    ),
  ).toEqual([
    "agents.0.fallback.0: there is no agent `spar`",
    "agents.0.fallback.1: `general-purpose` cannot stand in for itself",
    "agents.0.fallback.2: `bash` does commands only, where nobody can stand in",
    "agents.1.capabilities: agent `spare` does no type of task, and stands in for nobody",
  ]);
});
