/**
 * The table of backends. What a configuration may say, its JSON Schema, the
 * agents that are made of it, and what `mai doctor` looks for all come from
 * here.
 */
import {
  type AcpAgentName,
  acp,
  acpFacts,
  type Backend,
  claudeCode,
  codex,
  gemini,
  model,
  openCode,
  type ProgramBackend,
  programBackends,
  programFacts,
  qwen,
} from "mai-orchestration-agents";
import type { AgentProfile, PermissionMode } from "mai-orchestration-core";

/** How a configured agent is reached: a shell for commands, an agent program, any ACP agent, or a model without a program. @public */
export type AgentBackend = "command" | ProseBackend;

/** A backend that does tasks without a command. @public */
export type ProseBackend = ProgramBackend | "acp" | "model";

/** What may be said to a backend, under the names of the adapters' options. Which of it has a meaning is the backend's. @public */
export interface BackendOptions {
  readonly executable?: string;
  readonly model?: string;
  readonly profile?: AgentProfile;
  readonly permissions?: PermissionMode;
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly tools?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly patience?: number;
  readonly maxTurns?: number;
  /** US dollars. */
  readonly maxBudgetUsd?: number;
  readonly fallbackModel?: string;
  readonly appendSystemPrompt?: string;
  readonly forkSession?: string;
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  readonly agent?: AcpAgentName;
  readonly command?: readonly [file: string, ...args: string[]];
  /** Milliseconds. */
  readonly startTimeout?: number;
  readonly baseUrl?: string;
  readonly apiKeyVariable?: string;
}

/** A key of the configuration that belongs to backends. @internal */
export type BackendKey =
  | "model"
  | "fallback_model"
  | "profile"
  | "permissions"
  | "allow"
  | "deny"
  | "tools"
  | "executable"
  | "patience"
  | "max_turns"
  | "max_budget"
  | "append_system_prompt"
  | "fork_session"
  | "config"
  | "agent"
  | "command"
  | "start_timeout"
  | "base_url"
  | "api_key_variable";

/** The options that the file's keys stand for. @internal */
export const optionOfKey: Readonly<Record<BackendKey, keyof BackendOptions>> = {
  model: "model",
  fallback_model: "fallbackModel",
  profile: "profile",
  permissions: "permissions",
  allow: "allow",
  deny: "deny",
  tools: "tools",
  executable: "executable",
  patience: "patience",
  max_turns: "maxTurns",
  max_budget: "maxBudgetUsd",
  append_system_prompt: "appendSystemPrompt",
  fork_session: "forkSession",
  config: "config",
  agent: "agent",
  command: "command",
  start_timeout: "startTimeout",
  base_url: "baseUrl",
  api_key_variable: "apiKeyVariable",
};

/** What an agent needs on the machine to do tasks without a command. @public */
export interface Need {
  /** As people call it. */
  readonly title: string;
  /** The program, by name or path; `null` for a backend without one. */
  readonly program: string | null;
  /** Packages that must be installed beside us or in the project. */
  readonly packages: readonly string[];
  /** Whether those of the project count, or only those beside us. */
  readonly fromProject: boolean;
  readonly installCommand: string;
  readonly loginRemedy: string | null;
}

interface BackendKind {
  readonly keys: readonly BackendKey[];
  /** What to do instead of a key that it has no use for. */
  readonly instead: Readonly<Partial<Record<BackendKey, string>>>;
  /** Throws `agent.invalid` for options that could never work. */
  readonly make: (options: BackendOptions) => Backend;
  readonly needs: (options: BackendOptions) => Need;
}

const access = ["profile", "permissions"] as const;
const asking = [...access, "allow"] as const;
const program = ["model", "executable", "patience"] as const;

/** @internal */
export const proseBackends: Readonly<Record<ProseBackend, BackendKind>> = {
  "claude-code": {
    keys: [
      ...asking,
      ...(["model", "executable", "fallback_model", "deny", "tools", "max_turns", "max_budget"] as const),
      ...(["append_system_prompt", "fork_session"] as const),
    ],
    instead: { patience: "It ends by itself when its model is silent; `timeout` on the task bounds it." },
    make: claudeCode,
    needs: needsProgram("claude-code"),
  },
  codex: {
    keys: [...access, ...program, "config"],
    instead: {
      allow: "Its sandbox confines every command: choose `permissions`.",
      fallback_model: "Name another agent under `fallback`.",
    },
    make: codex,
    needs: needsProgram("codex"),
  },
  opencode: { keys: [...asking, ...program], instead: {}, make: openCode, needs: needsProgram("opencode") },
  gemini: { keys: [...asking, ...program], instead: {}, make: gemini, needs: needsProgram("gemini") },
  qwen: {
    keys: [...asking, ...program, "max_turns"],
    instead: {},
    make: qwen,
    needs: needsProgram("qwen"),
  },
  acp: {
    keys: [...asking, ...program, "agent", "command", "start_timeout"],
    instead: {},
    make: acp,
    needs: needsOfAcp,
  },
  model: {
    keys: [
      ...asking,
      ...(["model", "base_url", "api_key_variable", "max_turns", "append_system_prompt"] as const),
    ],
    instead: { executable: "It has no program; `model` names provider and model." },
    make: ({ model: name = "", ...rest }) => model({ ...rest, model: name }),
    needs: needsOfModel,
  },
};

/** Every backend that a file may name. @internal */
export const backendNames: readonly AgentBackend[] = ["command", ...programBackends, "acp", "model"];

/** What may be said of an agent whose backend is found on the machine. @internal */
export const keysOfAny: readonly BackendKey[] = asking;

/** The keys that a backend takes. @internal */
export function keysOf(backend: AgentBackend): readonly BackendKey[] {
  return backend === "command" ? [] : proseBackends[backend].keys;
}

/** What to do about a key that a backend, or none, has no use for. @internal */
export function remedyOf(backend: AgentBackend | null, key: BackendKey): string {
  const takers = backendNames.filter((name) => keysOf(name).includes(key)).map((name) => `\`${name}\``);
  if (backend === null)
    return `Add \`backend\`: ${takers.join(", ")} ${takers.length === 1 ? "takes" : "take"} it.`;
  const instead = backend === "command" ? undefined : proseBackends[backend].instead[key];
  return instead ?? `Remove \`${key}\`. Taken by ${takers.join(", ")}.`;
}

function needsProgram(backend: ProgramBackend): BackendKind["needs"] {
  const { name: title, command, installCommand, loginRemedy } = programFacts[backend];
  return ({ executable = command }) => ({
    title,
    program: executable,
    packages: [],
    fromProject: false,
    installCommand,
    loginRemedy,
  });
}

function needsOfAcp({ agent, command, executable }: BackendOptions): Need {
  const sdk = { packages: ["@agentclientprotocol/sdk"], fromProject: false };
  if (agent === undefined) {
    const name = command?.[0] ?? "";
    return {
      title: name,
      program: name,
      ...sdk,
      installCommand: `whatever installs ${name}`,
      loginRemedy: null,
    };
  }
  const { title, command: usual, installCommand, loginRemedy } = acpFacts(agent);
  return { title, program: executable ?? usual[0], ...sdk, installCommand, loginRemedy };
}

function needsOfModel({ model: name = "" }: BackendOptions): Need {
  const packages = ["ai", `@ai-sdk/${name.slice(0, Math.max(0, name.indexOf("/")))}`];
  return {
    title: name,
    program: null,
    packages,
    fromProject: true,
    installCommand: `npm install ${packages.join(" ")}`,
    loginRemedy: null,
  };
}
