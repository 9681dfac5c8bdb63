/** ACP agents that are known by name: how each is started, and what is known of its habits. */
import { accessOf, type ResolvedOptions } from "../program/options.ts";

/** An ACP agent known by name. @public */
export type AcpAgentName =
  | "gemini"
  | "opencode"
  | "qwen"
  | "goose"
  | "copilot"
  | "cursor"
  | "claude-agent-acp"
  | "codex-acp";

/** @internal */
export interface KnownAgent {
  readonly title: string;
  readonly command: readonly [file: string, ...args: string[]];
  readonly installCommand: string;
  readonly loginRemedy: string;
  readonly prefixes: readonly string[];
  /** Whether `--model NAME` chooses its model; otherwise the session's configuration does. */
  readonly modelFlag: boolean;
  /**
   * What of its usage can be believed: `turn`: what it says of a prompt is that prompt's.
   * `none`: it says nothing, or only what its last request used.
   */
  readonly tokens: "turn" | "none";
  /** Variables that make it ask before it acts, where it would not by itself. */
  env?(options: ResolvedOptions): Readonly<Record<string, string>>;
}

/** OpenCode allows everything by itself. Made to ask, it is answered by us, who know the workspace. */
function openCodeAsks(options: ResolvedOptions): Readonly<Record<string, string>> {
  const { reads } = accessOf(options);
  const readers = ["read", "glob", "grep", "list", "todoread", "todowrite"];
  const allowed = reads ? Object.fromEntries(readers.map((tool) => [tool, "allow"])) : {};
  return {
    OPENCODE_PERMISSION: JSON.stringify({ "*": "ask", ...allowed, external_directory: "ask" }),
    OPENCODE_DISABLE_AUTOUPDATE: "1",
    OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
  };
}

/** @internal */
export const knownAgents: Readonly<Record<AcpAgentName, KnownAgent>> = {
  gemini: {
    title: "Gemini CLI",
    command: ["gemini", "--acp", "--skip-trust", "--approval-mode", "default"],
    installCommand: "npm install -g @google/gemini-cli",
    loginRemedy: "run gemini and sign in, or set GEMINI_API_KEY",
    prefixes: ["GEMINI_", "GOOGLE_"],
    modelFlag: true,
    tokens: "turn",
    env: () => ({ GEMINI_CLI_NO_RELAUNCH: "true" }),
  },
  opencode: {
    title: "OpenCode",
    command: ["opencode", "acp"],
    installCommand: "npm install -g opencode-ai",
    loginRemedy: "run opencode auth login, or set the provider's key in env",
    prefixes: ["OPENCODE_"],
    modelFlag: false,
    tokens: "none",
    env: openCodeAsks,
  },
  qwen: {
    title: "Qwen Code",
    command: ["qwen", "--acp", "--approval-mode", "default"],
    installCommand: "npm install -g @qwen-code/qwen-code",
    loginRemedy: "run qwen and sign in, or set OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL",
    prefixes: ["QWEN_", "OPENAI_", "DASHSCOPE_"],
    modelFlag: true,
    tokens: "none",
  },
  goose: {
    title: "goose",
    command: ["goose", "acp"],
    installCommand: "see https://goose-docs.ai/docs/getting-started/installation",
    loginRemedy: "run goose configure",
    prefixes: ["GOOSE_"],
    modelFlag: false,
    tokens: "none",
  },
  copilot: {
    title: "GitHub Copilot",
    command: ["copilot", "--acp", "--stdio"],
    installCommand: "npm install -g @github/copilot",
    loginRemedy: "run copilot and /login",
    prefixes: ["COPILOT_", "GH_", "GITHUB_"],
    modelFlag: false,
    tokens: "none",
  },
  cursor: {
    title: "Cursor",
    command: ["cursor-agent", "acp"],
    installCommand: "see https://cursor.com/cli",
    loginRemedy: "run cursor-agent login",
    prefixes: ["CURSOR_"],
    modelFlag: false,
    tokens: "none",
  },
  "claude-agent-acp": {
    title: "Claude (ACP)",
    command: ["claude-agent-acp"],
    installCommand: "npm install -g @agentclientprotocol/claude-agent-acp",
    loginRemedy: "run claude and /login, or set ANTHROPIC_API_KEY",
    prefixes: ["ANTHROPIC_", "CLAUDE_"],
    modelFlag: false,
    tokens: "turn",
  },
  "codex-acp": {
    title: "Codex (ACP)",
    command: ["codex-acp"],
    installCommand: "npm install -g @agentclientprotocol/codex-acp",
    loginRemedy: "run codex login, or set OPENAI_API_KEY",
    prefixes: ["CODEX_", "OPENAI_"],
    modelFlag: false,
    tokens: "turn",
  },
};
