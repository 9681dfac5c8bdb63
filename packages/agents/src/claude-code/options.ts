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
import type { DecidePermission } from "../permission.ts";

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
  /** Shell commands that are never run, as patterns, whatever else is allowed. */
  readonly deny?: readonly string[];
  /** The only tools there are, by Claude Code's names for them. @defaultValue those of the profile */
  readonly tools?: readonly string[];
  /**
   * Decides, in this process, what `permissions` and `allow` leave open and would otherwise be refused. Not together
   * with `full`, which leaves nothing open.
   */
  readonly onPermission?: DecidePermission;
  /** Variables for every attempt of this agent; a task's own come on top. */
  readonly env?: Readonly<Record<string, string>>;
  /** Turns of the model after which an attempt ends as failed. */
  readonly maxTurns?: number;
  /** US dollars after which an attempt ends as failed; the call that crosses the line is still paid. */
  readonly maxBudgetUsd?: number;
  /** The model that Claude Code goes on with while the first is overloaded. */
  readonly fallbackModel?: string;
  /** Put behind Claude Code's own system prompt. */
  readonly appendSystemPrompt?: string;
  /**
   * Id of a session that every task begins from, each in a copy of its own: what was read and said there need not be
   * again. It must be one of this machine.
   */
  readonly forkSession?: string;
}

/** @internal */
export interface ResolvedClaudeOptions {
  readonly executable: string;
  readonly model: string | null;
  readonly profile: AgentProfile;
  readonly permissions: PermissionMode;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly tools: readonly string[] | null;
  readonly onPermission: DecidePermission | null;
  readonly env: Readonly<Record<string, string>>;
  readonly maxTurns: number | null;
  readonly maxBudgetUsd: number | null;
  readonly fallbackModel: string | null;
  readonly appendSystemPrompt: string | null;
  readonly forkSession: string | null;
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
    deny: options.deny ?? [],
    tools: options.tools ?? null,
    onPermission: options.onPermission ?? null,
    env: options.env ?? {},
    maxTurns: options.maxTurns ?? null,
    maxBudgetUsd: options.maxBudgetUsd ?? null,
    fallbackModel: options.fallbackModel ?? null,
    appendSystemPrompt: options.appendSystemPrompt ?? null,
    forkSession: options.forkSession ?? null,
  };
  refuseLimits(resolved);
  refuseTools(resolved);
  refuseTexts(resolved);
  return resolved;
}

function refuseLimits({ maxTurns, maxBudgetUsd }: ResolvedClaudeOptions): void {
  if (maxTurns !== null && !(Number.isInteger(maxTurns) && maxTurns > 0))
    throw invalid("maxTurns must be a positive integer");
  if (maxBudgetUsd !== null && !(Number.isFinite(maxBudgetUsd) && maxBudgetUsd > 0))
    throw invalid("maxBudgetUsd must be positive");
}

function refuseTools(options: ResolvedClaudeOptions): void {
  const { permissions, profile, allow, deny, tools, onPermission } = options;
  if (!permissionModes.includes(permissions)) throw invalid(`permissions "${permissions}" are unknown`);
  if (!agentProfiles.includes(profile)) throw invalid(`profile "${profile}" is unknown`);
  for (const [name, patterns] of Object.entries({ allow, deny }))
    for (const pattern of patterns)
      if (!isPattern(pattern)) throw invalid(`${name} "${pattern}" is no shell command`);
  if (tools?.length === 0) throw invalid("tools must name at least one");
  for (const tool of tools ?? [])
    if (!/^[A-Za-z][\w-]*$/.test(tool)) throw invalid(`tools "${tool}" is no tool's name`);
  if (onPermission !== null && permissions === "full")
    throw invalid("onPermission is never asked with permissions `full`");
}

function refuseTexts({ model, fallbackModel, appendSystemPrompt, forkSession }: ResolvedClaudeOptions): void {
  for (const [name, value] of Object.entries({ model, fallbackModel }))
    if (value !== null && !/^[A-Za-z0-9][\w.:/@[\]-]*$/.test(value))
      throw invalid(`${name} "${value}" is no model's name`);
  if (fallbackModel !== null && fallbackModel === model) throw invalid("fallbackModel must be another model");
  if (appendSystemPrompt !== null && !isPrompt(appendSystemPrompt))
    throw invalid(`appendSystemPrompt must be a text of at most ${longestArgumentBytes} bytes`);
  if (forkSession !== null && !isSessionId(forkSession))
    throw invalid(`forkSession "${forkSession}" is no session's id`);
}

/** The system takes no argument over 128 KiB. @internal */
export const longestArgumentBytes: number = 100_000;

function isPrompt(text: string): boolean {
  return text.trim() !== "" && !text.includes("\0") && Buffer.byteLength(text) <= longestArgumentBytes;
}

/** @internal */
export function isSessionId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
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
