/** How Claude Code is to be used by one agent. */
import {
  type AgentProfile,
  agentProfiles,
  defaultPermissions,
  defaultProfile,
  MaiError,
  type PermissionMode,
  permissionModes,
} from "mai-orchestration-core";

/** What an agent's Claude Code may use and spend; all of it may be left out. @public */
export interface ClaudeCodeOptions {
  /** The program. @defaultValue `"claude"`, looked up on PATH */
  readonly executable?: string;
  /** A model's name or alias. @defaultValue Claude Code's own choice */
  readonly model?: string;
  /** @defaultValue `"general-purpose"` */
  readonly profile?: AgentProfile;
  /**
   * What may be done without a person's approval. `accept-edits`: reading, and writing inside the workspace.
   * `full`: everything; Claude Code refuses it to root outside a sandbox.
   * @defaultValue `"accept-edits"`, for `explore` `"read-only"`
   */
  readonly permissions?: PermissionMode;
  /** Shell commands that need no approval, as patterns: `npm test`, `git diff *`. */
  readonly allow?: readonly string[];
  /** Variables for every attempt of this agent; a task's own come on top. */
  readonly env?: Readonly<Record<string, string>>;
  /** Turns of the model after which an attempt ends as failed. */
  readonly maxTurns?: number;
  /** US dollars after which an attempt ends as failed; the call that crosses the line is still paid. */
  readonly maxBudgetUsd?: number;
}

/** @internal */
export interface ResolvedClaudeOptions {
  readonly executable: string;
  readonly model: string | null;
  readonly profile: AgentProfile;
  readonly permissions: PermissionMode;
  readonly allow: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly maxTurns: number | null;
  readonly maxBudgetUsd: number | null;
}

/** The one place where what is left open is decided. Throws `agent.invalid` for what could never work. @internal */
export function resolveClaudeOptions(options: ClaudeCodeOptions): ResolvedClaudeOptions {
  const profile = options.profile ?? defaultProfile;
  const resolved: ResolvedClaudeOptions = {
    executable: options.executable ?? "claude",
    model: options.model ?? null,
    profile,
    permissions: options.permissions ?? defaultPermissions(profile),
    allow: options.allow ?? [],
    env: options.env ?? {},
    maxTurns: options.maxTurns ?? null,
    maxBudgetUsd: options.maxBudgetUsd ?? null,
  };
  const { model, maxTurns, maxBudgetUsd, permissions } = resolved;
  if (model !== null && !/^[A-Za-z0-9][\w.:/@[\]-]*$/.test(model))
    throw invalid(`model "${model}" is no model's name`);
  if (!permissionModes.includes(permissions)) throw invalid(`permissions "${permissions}" are unknown`);
  if (!agentProfiles.includes(profile)) throw invalid(`profile "${profile}" is unknown`);
  if (maxTurns !== null && !(Number.isInteger(maxTurns) && maxTurns > 0))
    throw invalid("maxTurns must be a positive integer");
  if (maxBudgetUsd !== null && !(Number.isFinite(maxBudgetUsd) && maxBudgetUsd > 0))
    throw invalid("maxBudgetUsd must be positive");
  for (const pattern of resolved.allow)
    if (!isPattern(pattern)) throw invalid(`allow "${pattern}" is no shell command`);
  return resolved;
}

/** One line with its parentheses in pairs: anything else would say more to Claude Code than it says here. */
function isPattern(pattern: string): boolean {
  if (pattern.trim() === "" || /[\r\n]/.test(pattern)) return false;
  let open = 0;
  for (const character of pattern) {
    if (character === "(") open++;
    if (character === ")" && --open < 0) return false;
  }
  return open === 0;
}

function invalid(message: string): MaiError {
  return new MaiError("agent.invalid", `Claude Code agent: ${message}`, {
    hint: "Correct the agent's options in mai.config.yaml or where it is registered.",
  });
}
