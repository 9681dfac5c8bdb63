/** ACP agents that are known by name: how each is started, and what is known of its habits. */
import { accessOf, type ResolvedOptions } from "../program/options.ts";
import { type ProgramFacts, programFacts } from "../program/programs.ts";

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

type Had = Pick<KnownAgent, "title" | "installCommand" | "loginRemedy" | "prefixes">;

/** A program that speaks ACP itself. */
function had({ name: title, installCommand, loginRemedy, prefixes }: ProgramFacts): Had {
  return { title, installCommand, loginRemedy, prefixes };
}

/** A program that another one speaks ACP for. */
function reached({ loginRemedy, prefixes }: ProgramFacts): Omit<Had, "title" | "installCommand"> {
  return { loginRemedy, prefixes };
}

/** @internal */
export const knownAgents: Readonly<Record<AcpAgentName, KnownAgent>> = {
  gemini: {
    ...had(programFacts.gemini),
    command: ["gemini", "--acp", "--skip-trust", "--approval-mode", "default"],
    modelFlag: true,
    tokens: "turn",
    env: () => ({ GEMINI_CLI_NO_RELAUNCH: "true" }),
  },
  opencode: {
    ...had(programFacts.opencode),
    command: ["opencode", "acp"],
    modelFlag: false,
    tokens: "none",
    env: openCodeAsks,
  },
  qwen: {
    ...had(programFacts.qwen),
    command: ["qwen", "--acp", "--approval-mode", "default"],
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
    ...reached(programFacts["claude-code"]),
    installCommand: "npm install -g @agentclientprotocol/claude-agent-acp",
    modelFlag: false,
    tokens: "turn",
  },
  "codex-acp": {
    title: "Codex (ACP)",
    command: ["codex-acp"],
    ...reached(programFacts.codex),
    installCommand: "npm install -g @agentclientprotocol/codex-acp",
    modelFlag: false,
    tokens: "turn",
  },
};

/** The ACP agents known by name. @public */
export const acpAgentNames: readonly AcpAgentName[] = Object.keys(knownAgents) as AcpAgentName[];

/** How an ACP agent known by name is started, had and logged in. @public */
export function acpFacts(
  agent: AcpAgentName,
): Pick<KnownAgent, "title" | "command" | "installCommand" | "loginRemedy" | "modelFlag"> {
  return knownAgents[agent];
}
