import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { programBackends, programFacts } from "mai-orchestration-agents";
import { afterEach, beforeEach, expect, test } from "vitest";
import { agentsFrom } from "../../src/agents/agents-from.ts";
import type { AgentSetting } from "../../src/config/agent-setting.ts";
import { backendNames, keysOf, optionOfKey } from "../../src/config/backends.ts";
import { backendOf } from "../../src/config/choose-backend.ts";
import { readConfig } from "../../src/config/read-config.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "mai-machine-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A machine with these programs and variables. */
function machine(
  programs: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const bin = join(home, "bin");
  mkdirSync(bin);
  for (const name of programs) {
    writeFileSync(join(bin, name), "#!/bin/sh\n");
    chmodSync(join(bin, name), 0o755);
  }
  return { HOME: home, PATH: `${bin}${delimiter}/nowhere`, ...variables };
}

function settingsOf(...agents: readonly object[]): readonly AgentSetting[] {
  const reading = readConfig({ agents });
  if (!reading.ok) throw new Error(reading.problems.map(({ message }) => message).join("\n"));
  return reading.config.agents;
}

const explore = (settings: readonly AgentSetting[]): AgentSetting =>
  settings.find(({ agentId }) => agentId === "explore") as AgentSetting;

test.each([
  ["nothing", [], {}, "claude-code"],
  ["one program that is logged in", ["gemini"], { GEMINI_API_KEY: "k" }, "gemini"],
  ["one program that is not", ["qwen"], {}, "qwen"],
  ["several, of which a later one is logged in", ["gemini", "qwen"], { DASHSCOPE_API_KEY: "k" }, "qwen"],
  [
    "several that are logged in",
    ["qwen", "codex", "claude"],
    { CODEX_API_KEY: "k", DASHSCOPE_API_KEY: "k", ANTHROPIC_API_KEY: "k" },
    "claude-code",
  ],
] as const)(
  "on a machine with %s, the first that can work is chosen",
  (_what, programs, variables, chosen) => {
    const env = machine(programs, variables);
    // A keychain may hold the logins of others.
    if (process.platform === "darwin" && programs.length > 1 && chosen === "qwen") return;

    expect(backendOf(explore(settingsOf()), env)).toBe(chosen);
  },
);

test("one that knows no allowed commands is passed over for an agent that has some", () => {
  const env = machine(["codex", "qwen"], { CODEX_API_KEY: "k", DASHSCOPE_API_KEY: "k" });

  expect(backendOf(explore(settingsOf({ id: "explore" })), env)).toBe("codex");
  expect(backendOf(explore(settingsOf({ id: "explore", allow: ["git log *"] })), env)).toBe("qwen");
});

test("every backend becomes an agent, with every key that it takes", () => {
  const samples: Readonly<Record<string, unknown>> = {
    model: "small/one",
    fallback_model: "other",
    profile: "explore",
    permissions: "read-only",
    allow: ["npm test"],
    deny: ["rm *"],
    tools: ["Read"],
    executable: "./program",
    patience: "2m",
    max_turns: 3,
    max_budget: 1.5,
    append_system_prompt: "Be brief.",
    fork_session: "0199a213-81c0-7800-8aa1-bbab2a035a53",
    config: { "a.b": 1 },
    agent: "gemini",
    start_timeout: "30s",
    base_url: "http://localhost:1/v1",
    api_key_variable: "MY_KEY",
  };
  // `command` is the other way to name an ACP agent.
  expect(Object.keys(samples).sort()).toEqual(
    Object.keys(optionOfKey)
      .filter((key) => key !== "command")
      .sort(),
  );
  const entries = backendNames.map((backend) => ({
    id: backend,
    backend,
    capabilities: ["research"],
    max_concurrent: 1,
    ...Object.fromEntries(
      Object.entries(samples).filter(([key]) => keysOf(backend).some((taken) => taken === key)),
    ),
  }));

  const agents = agentsFrom(settingsOf(...entries), machine([]));

  expect(agents.slice(3).map(({ agentId, backend }) => [agentId, backend])).toEqual(
    backendNames.map((name) => [name, name]),
  );
});

test("a key that a backend has no use for is refused, with what to do instead", () => {
  for (const backend of backendNames) {
    for (const key of Object.keys(optionOfKey)) {
      if (keysOf(backend).some((taken) => taken === key)) continue;

      const reading = readConfig({ agents: [{ id: "explore", backend, [key]: "x" }] });

      const problems = reading.ok ? [] : reading.problems;
      const found = problems.find(
        ({ message }) => message === `\`${key}\` means nothing for the backend \`${backend}\``,
      );
      expect(found?.hint, `${backend}: ${key}`).toMatch(/\S/);
    }
  }
});

test.each([
  [{ backend: "model", model: "sonnet" }, /must be a provider and a name/],
  [{ backend: "codex", config: { sandbox_mode: "none" } }, /is what permissions decide/],
  [{ backend: "acp", agent: "goose", model: "x" }, /takes no model from us/],
  [{ backend: "acp", agent: "goose", command: ["x"] }, /not both/],
  [{ backend: "acp", command: ["x"], executable: "y" }, /leave executable out/],
  [{ backend: "claude-code", fork_session: "newest" }, /no session's id/],
  [{ backend: "model" }, /needs `model`/],
])("what an adapter could never do is refused by the configuration: %j", (said, message) => {
  const reading = readConfig({ agents: [{ id: "explore", ...said }] });

  expect(reading.ok ? [] : reading.problems.map((problem) => problem.message)).toEqual([
    expect.stringMatching(message),
  ]);
});

test("each program stands once, under the name of its backend", () => {
  expect(programBackends.map((backend) => programFacts[backend].backend)).toEqual(programBackends);
});
