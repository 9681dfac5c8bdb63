import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { demandOf, noUsage, serves } from "mai-orchestration-core";
import type { Agent } from "mai-orchestration-engine";
import { expect, test } from "vitest";
import { backendAgent, claudeCode, commandBackend, findProgram, loginOf, probeAgents } from "../src/index.ts";
import { fixture, temporaryFolder } from "./helpers.ts";
import { agentTask, createFarmTaskFor, newContext } from "./tasks.ts";

function shellAndClaude(): Agent {
  return backendAgent({
    id: "bash",
    capabilities: ["implementation", "test"],
    maxConcurrent: 3,
    command: commandBackend(),
    prose: claudeCode({ profile: "bash", executable: fixture("fake-claude.mjs"), allow: ["npm test"] }),
  });
}

test("an agent of two backends serves commands of every type, and prose of its own types", () => {
  const isServed = (fields: Parameters<typeof createFarmTaskFor>[0]): boolean =>
    serves(shellAndClaude(), demandOf(createFarmTaskFor(fields), 0));

  expect(isServed({ type: "research", command: "true" })).toBe(true);
  expect(isServed({ type: "test" })).toBe(true);
  expect(isServed({ type: "review" })).toBe(false);
  expect(shellAndClaude().backend).toBe("command+claude-code");
});

test("bash does commands by shell, and prose with a model, each with its own number of attempts", async () => {
  const bash = shellAndClaude();

  expect(await bash.run(agentTask({ command: "echo shell" }), newContext())).toMatchObject({
    output: "shell\n",
    usage: noUsage,
  });
  expect(await bash.run(agentTask({}), newContext())).toMatchObject({ type: "answered", output: "done" });
  expect(bash.maxAttemptsFor(createFarmTaskFor({ command: "true" }))).toBe(1);
  expect(bash.maxAttemptsFor(createFarmTaskFor({}))).toBe(2);
});

test("an agent that gets a task it has no backend for says so", async () => {
  const agent = backendAgent({
    id: "shell",
    capabilities: ["test"],
    maxConcurrent: 1,
    command: commandBackend(),
  });

  expect(await agent.run(agentTask({}), newContext())).toMatchObject({
    kind: "permanent",
    reason: "agent shell cannot do a task without a command",
  });
});

function machineWith(programs: Record<string, string>): {
  env: Record<string, string>;
  bin: string;
  home: string;
} {
  const home = temporaryFolder();
  const bin = join(home, "bin");
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return { env: { PATH: `${bin}:/usr/bin:/bin`, HOME: home }, bin, home };
}

test("programs that are here are found with path and version, those that are not are named all the same", async () => {
  const { env, bin } = machineWith({
    claude: "echo '2.1.330 (Claude Code)'",
    codex: "echo codex-cli 0.169.0",
    gemini: "exit 1",
  });

  const found = await probeAgents({ env });

  expect(found.map(({ name, path, version, lacksFlags }) => ({ name, path, version, lacksFlags }))).toEqual([
    { name: "claude", path: join(bin, "claude"), version: "2.1.330", lacksFlags: null },
    { name: "codex", path: join(bin, "codex"), version: "0.169.0", lacksFlags: null },
    { name: "opencode", path: null, version: null, lacksFlags: null },
    { name: "gemini", path: join(bin, "gemini"), version: null, lacksFlags: null },
    { name: "qwen", path: null, version: null, lacksFlags: null },
  ]);
  expect(found[0]?.installCommand).toBe("npm install -g @anthropic-ai/claude-code");
});

test("a program's help is asked for once per version, and flags of ours that it does not name are told", async () => {
  const { env, home } = machineWith({
    codex: `case "$*" in
*--help*) echo asked >> "$HOME/asked"; echo "  --json  --skip-git-repo-check --config <x>" ;;
*) cat "$HOME/version" ;;
esac`,
  });
  const lacking = async (version: string): Promise<unknown> => {
    writeFileSync(join(home, "version"), version);
    return (await probeAgents({ env, flags: true })).find(({ name }) => name === "codex")?.lacksFlags;
  };

  expect(await lacking("codex-cli 1.0.0")).toEqual(["--model"]);
  expect(await lacking("codex-cli 1.0.0")).toEqual(["--model"]);
  expect(readFileSync(join(home, "asked"), "utf8")).toBe("asked\n");
  expect(await lacking("codex-cli 1.0.1")).toEqual(["--model"]);
  expect(readFileSync(join(home, "asked"), "utf8")).toBe("asked\nasked\n");
});

test.each([
  ["codex", "no", {}, {}],
  ["codex", "yes", { CODEX_API_KEY: "k" }, {}],
  ["codex", "yes", {}, { ".codex/auth.json": "{}" }],
  ["codex", "unknown", {}, { ".codex/config.toml": 'model_provider = "mine"\n' }],
  ["codex", "unknown", { OPENAI_API_KEY: "k" }, {}],
  ["opencode", "unknown", {}, {}],
  ["opencode", "yes", {}, { ".local/share/opencode/auth.json": "{}" }],
  ["gemini", "no", {}, {}],
  ["gemini", "yes", { GEMINI_API_KEY: "k" }, {}],
  ["gemini", "yes", {}, { ".gemini/.env": "GEMINI_API_KEY=k\n" }],
  ["gemini", "yes", {}, { ".gemini/oauth_creds.json": "{}" }],
  ["gemini", "unknown", {}, { ".gemini/settings.json": '{"security":{"auth":{"selectedType":"x"}}}' }],
  ["qwen", "no", {}, {}],
  ["qwen", "yes", { OPENAI_API_KEY: "k" }, {}],
  ["qwen", "yes", {}, { ".qwen/oauth_creds.json": "{}" }],
] as const)("the login of %s is %s with %j and %j", (backend, state, variables, files) => {
  const { home } = machineWith({});
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), text);
  }

  const seen = loginOf(backend, { HOME: home, ...variables });

  // A keychain is not looked into.
  const hidden = process.platform === "darwin" && state === "no" && backend !== "qwen";
  expect(seen.state).toBe(hidden ? "unknown" : state);
  expect(JSON.stringify(seen)).not.toContain('"k"');
});

test("a program that does not state its version in time has none", async () => {
  const { env } = machineWith({ claude: "sleep 300" });

  expect((await probeAgents({ env, timeoutMs: 150 }))[0]).toMatchObject({
    version: null,
    path: expect.stringContaining("claude"),
  });
});

test("a login is seen by a key or by credentials, and where there is none it is told what was looked at", () => {
  const { env, home } = machineWith({});

  expect(loginOf("claude-code", { ...env, ANTHROPIC_API_KEY: "k" })).toEqual({
    state: "yes",
    lookedAt: ["ANTHROPIC_API_KEY"],
  });
  expect(loginOf("claude-code", env).state).not.toBe("yes");
  expect(loginOf("claude-code", env).lookedAt).toContain(join(home, ".claude", ".credentials.json"));

  mkdirSync(join(home, ".claude"));
  writeFileSync(join(home, ".claude", "settings.json"), '{\n  "apiKeyHelper": "key-please"\n}\n');
  expect(loginOf("claude-code", env)).toMatchObject({
    state: "yes",
    lookedAt: [expect.stringContaining("apiKeyHelper")],
  });

  writeFileSync(join(home, ".claude", ".credentials.json"), "{}");
  expect(loginOf("claude-code", env)).toMatchObject({
    state: "yes",
    lookedAt: [expect.stringContaining(".credentials.json")],
  });
});

test("a folder or a file that may not be run is no program", () => {
  const { bin } = machineWith({});
  mkdirSync(join(bin, "claude"));
  writeFileSync(join(bin, "codex"), "", { mode: 0o644 });

  expect(findProgram("claude", bin)).toBeNull();
  expect(findProgram("codex", bin)).toBeNull();
});
