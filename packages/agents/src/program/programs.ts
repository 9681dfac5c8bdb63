/** The agent programs that are driven: what each is called, how it is had, and what it must still be able to do. */

/** A backend whose work is done by an agent program of its own. @public */
export type ProgramBackend = "claude-code" | "codex" | "opencode" | "gemini" | "qwen";

/** What is known of an agent program before it is looked for. @public */
export interface ProgramFacts {
  readonly backend: ProgramBackend;
  /** As people call it. */
  readonly name: string;
  /** What is looked up on PATH. */
  readonly command: string;
  /** What a person runs who does not have it. */
  readonly installCommand: string;
  /** What a person does to let it reach its model. */
  readonly loginRemedy: string;
  /** Our variables that it reads begin like this. */
  readonly prefixes: readonly string[];
  /** What makes it name its flags. */
  readonly help: readonly string[];
  /** The flags that attempts pass, of those that its help names. */
  readonly flags: readonly string[];
}

/** In the order in which a machine's model backend is chosen. @public */
export const programBackends: readonly ProgramBackend[] = [
  "claude-code",
  "codex",
  "opencode",
  "gemini",
  "qwen",
];

/** The one place where a program's names, variables and remedies stand. @public */
export const programFacts: Readonly<Record<ProgramBackend, ProgramFacts>> = {
  "claude-code": {
    backend: "claude-code",
    name: "Claude Code",
    command: "claude",
    installCommand: "npm install -g @anthropic-ai/claude-code",
    loginRemedy: "log in (run claude, then /login) or set ANTHROPIC_API_KEY",
    prefixes: ["ANTHROPIC_", "CLAUDE_"],
    help: ["--help"],
    flags: [
      ...["--output-format", "--verbose", "--permission-mode", "--tools", "--allowedTools"],
      ...["--model", "--resume", "--json-schema"],
    ],
  },
  codex: {
    backend: "codex",
    name: "Codex",
    command: "codex",
    installCommand: "npm install -g @openai/codex",
    loginRemedy: "run codex login, or set CODEX_API_KEY",
    prefixes: ["CODEX_", "OPENAI_"],
    help: ["exec", "--help"],
    flags: ["--json", "--skip-git-repo-check", "--config", "--model"],
  },
  opencode: {
    backend: "opencode",
    name: "OpenCode",
    command: "opencode",
    installCommand: "npm install -g opencode-ai",
    loginRemedy: "run opencode auth login, or set the provider's key in env",
    prefixes: ["OPENCODE_"],
    help: ["run", "--help"],
    flags: ["--format", "--title", "--model", "--session"],
  },
  gemini: {
    backend: "gemini",
    name: "Gemini CLI",
    command: "gemini",
    installCommand: "npm install -g @google/gemini-cli",
    loginRemedy: "run gemini and sign in, or set GEMINI_API_KEY",
    prefixes: ["GEMINI_", "GOOGLE_"],
    help: ["--help"],
    flags: ["--output-format", "--skip-trust", "--approval-mode", "--policy", "--model", "--resume"],
  },
  qwen: {
    backend: "qwen",
    name: "Qwen Code",
    command: "qwen",
    installCommand: "npm install -g @qwen-code/qwen-code",
    loginRemedy: "run qwen and sign in, or set OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL",
    prefixes: ["QWEN_", "OPENAI_", "DASHSCOPE_"],
    help: ["--help"],
    flags: ["--output-format", "--approval-mode", "--allowed-tools", "--core-tools", "--model", "--resume"],
  },
};
