/** The agent programs that tests drive against the fake model, and how each is pointed at it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { claudeEnvironment, claudePackage } from "./install-claude.ts";
import type { ProgramPackage } from "./install-program.ts";

/** The programs that can be had, by the names of their commands. @public */
export type AgentProgramName = "claude" | "codex" | "opencode" | "gemini" | "qwen";

/** The programs at the versions that the adapters were tested with. @public */
export const agentPrograms: Readonly<Record<AgentProgramName, ProgramPackage>> = {
  claude: claudePackage,
  codex: {
    title: "Codex",
    folder: "codex",
    packageName: "@openai/codex",
    command: "codex",
    version: "0.169.0",
  },
  opencode: {
    title: "OpenCode",
    folder: "opencode",
    packageName: "opencode-ai",
    command: "opencode",
    version: "1.18.33",
  },
  gemini: {
    title: "Gemini CLI",
    folder: "gemini",
    packageName: "@google/gemini-cli",
    command: "gemini",
    version: "0.61.0",
  },
  qwen: {
    title: "Qwen Code",
    folder: "qwen",
    packageName: "@qwen-code/qwen-code",
    command: "qwen",
    version: "0.24.4",
  },
};

/** The name of the only model that the fake server knows, as each program is to be told it. @public */
export const fakeModelName: Readonly<Record<AgentProgramName, string | undefined>> = {
  claude: undefined,
  codex: "fake-model",
  opencode: "fake/fake-model",
  gemini: "fake-model",
  qwen: "fake-model",
};

/** What a million tokens cost in the runs of those that are told a price. */
const price = { input: 3, output: 15 };

/**
 * The whole environment of a run against the fake model, with the settings
 * files that it needs written into `home`: nothing of the user's own settings,
 * keys or sessions is seen or touched.
 *
 * @param url - of the fake model
 * @param home - an absolute folder to be used as the home directory
 * @public
 */
export function agentEnvironment(name: AgentProgramName, url: string, home: string): Record<string, string> {
  const base = {
    PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    HOME: home,
    TERM: "xterm-256color",
  };
  switch (name) {
    case "claude":
      return claudeEnvironment(url, home);
    case "codex":
      write(join(home, ".codex"), "config.toml", codexConfig(url));
      return { ...base, CODEX_HOME: join(home, ".codex"), FAKE_KEY: "fake" };
    case "opencode":
      write(join(home, ".config", "opencode"), "opencode.json", JSON.stringify(openCodeConfig(url)));
      return { ...base, OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_DEFAULT_PLUGINS: "1" };
    case "gemini":
      write(join(home, ".gemini"), "settings.json", JSON.stringify(geminiSettings));
      return { ...base, GEMINI_API_KEY: "fake", GOOGLE_GEMINI_BASE_URL: url };
    case "qwen":
      mkdirSync(join(home, ".qwen"), { recursive: true });
      return { ...base, OPENAI_API_KEY: "fake", OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: "fake-model" };
  }
}

function write(folder: string, file: string, content: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), content);
}

function codexConfig(url: string): string {
  return [
    'model = "fake-model"',
    'model_provider = "fake"',
    "[model_providers.fake]",
    'name = "fake"',
    `base_url = "${url}/v1"`,
    'env_key = "FAKE_KEY"',
    'wire_api = "responses"',
    "request_max_retries = 1",
    "stream_max_retries = 1",
    "",
  ].join("\n");
}

function openCodeConfig(url: string): unknown {
  const model = { name: "fake", limit: { context: 200_000, output: 8_000 }, cost: price };
  const options = { baseURL: `${url}/v1`, apiKey: "fake" };
  const provider = {
    fake: { npm: "@ai-sdk/openai-compatible", name: "fake", options, models: { "fake-model": model } },
  };
  return { provider, model: "fake/fake-model" };
}

const geminiSettings = {
  security: { auth: { selectedType: "gemini-api-key" } },
  // Its own ten tries take minutes.
  general: { maxAttempts: 3 },
};
