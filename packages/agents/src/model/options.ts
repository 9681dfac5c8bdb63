/** How a model is to be used by one agent. */
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

/** A model object of the AI SDK, for programs that make their own. @public */
export interface LanguageModelObject {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
}

/** Which model an agent asks, and what it may do; all but `model` may be left out. @public */
export interface ModelOptions {
  /**
   * `provider/name`, such as `anthropic/claude-sonnet-4-5`: the provider's package `@ai-sdk/<provider>` must be
   * installed beside `ai`. Or a model object of the AI SDK.
   */
  readonly model: string | LanguageModelObject;
  /** Where the provider's service is reached. Needed for `openai-compatible`. @defaultValue the provider's own */
  readonly baseUrl?: string;
  /** The variable of our environment that holds the key. @defaultValue the one that the provider's package reads */
  readonly apiKeyVariable?: string;
  /** @defaultValue `"general-purpose"` */
  readonly profile?: AgentProfile;
  /**
   * What may be done unasked. `accept-edits`: reading, and writing inside the workspace. `full`: every shell command too.
   * @defaultValue `"accept-edits"`, for `explore` `"read-only"`
   */
  readonly permissions?: PermissionMode;
  /**
   * Shell commands that may be run: `npm test` is that command, `git diff *` that one with any arguments, `*` all. A
   * command of several, or with redirections or substitutions, is matched by `*` alone.
   */
  readonly allow?: readonly string[];
  /** Decides what `permissions` and `allow` leave open and would otherwise be refused. Not together with `full`. */
  readonly onPermission?: DecidePermission;
  /** Variables for every shell command; a task's own come on top. */
  readonly env?: Readonly<Record<string, string>>;
  /** Turns of the model after which an attempt ends as failed. @defaultValue 50 */
  readonly maxTurns?: number;
  /** Put behind our own system prompt. */
  readonly appendSystemPrompt?: string;
}

/** @internal */
export interface ResolvedModelOptions {
  readonly model: string | LanguageModelObject;
  readonly baseUrl: string | null;
  readonly apiKeyVariable: string | null;
  readonly profile: AgentProfile;
  readonly permissions: PermissionMode;
  readonly allow: readonly string[];
  readonly onPermission: DecidePermission | null;
  readonly env: Readonly<Record<string, string>>;
  readonly maxTurns: number;
  readonly appendSystemPrompt: string | null;
}

/** The one place where what is left open is decided. Throws `agent.invalid` for what could never work. @internal */
export function resolveModelOptions(options: ModelOptions): ResolvedModelOptions {
  const profile = options.profile ?? defaultProfile;
  const resolved: ResolvedModelOptions = {
    model: options.model,
    baseUrl: options.baseUrl ?? null,
    apiKeyVariable: options.apiKeyVariable ?? null,
    profile,
    permissions: options.permissions ?? defaultPermissions(profile),
    allow: options.allow ?? [],
    onPermission: options.onPermission ?? null,
    env: options.env ?? {},
    maxTurns: options.maxTurns ?? 50,
    appendSystemPrompt: options.appendSystemPrompt ?? null,
  };
  refuseModel(resolved);
  refuseRest(resolved);
  return resolved;
}

function refuseModel({ model, baseUrl, apiKeyVariable }: ResolvedModelOptions): void {
  if (typeof model !== "string") {
    if (typeof model?.modelId !== "string") throw invalid("model is neither a name nor a model object");
    if (baseUrl !== null || apiKeyVariable !== null)
      throw invalid("baseUrl and apiKeyVariable belong to a model's name; a model object has its own");
    return;
  }
  if (!/^[a-z][a-z0-9-]*\/\S+$/.test(model))
    throw invalid(`model "${model}" must be a provider and a name, such as anthropic/claude-sonnet-4-5`);
  if (baseUrl !== null && !/^https?:$/.test(URL.parse(baseUrl)?.protocol ?? ""))
    throw invalid(`baseUrl "${baseUrl}" is no http address`);
  if (baseUrl === null && model.startsWith("openai-compatible/"))
    throw invalid("openai-compatible needs a baseUrl");
  if (apiKeyVariable !== null && !/^[A-Za-z_]\w*$/.test(apiKeyVariable))
    throw invalid(`apiKeyVariable "${apiKeyVariable}" is no name of a variable`);
}

function refuseRest(options: ResolvedModelOptions): void {
  const { permissions, profile, allow, maxTurns, onPermission, appendSystemPrompt } = options;
  if (!permissionModes.includes(permissions)) throw invalid(`permissions "${permissions}" are unknown`);
  if (!agentProfiles.includes(profile)) throw invalid(`profile "${profile}" is unknown`);
  for (const pattern of allow)
    if (pattern.trim() === "" || /[\r\n]/.test(pattern))
      throw invalid(`allow "${pattern}" is no shell command`);
  if (!(Number.isInteger(maxTurns) && maxTurns > 0)) throw invalid("maxTurns must be a positive integer");
  if (onPermission !== null && permissions === "full")
    throw invalid("onPermission is never asked with permissions `full`");
  if (appendSystemPrompt?.trim() === "") throw invalid("appendSystemPrompt must not be empty");
}

function invalid(message: string): MaiError {
  return new MaiError("agent.invalid", `Model agent: ${message}`, {
    hint: "Correct the agent's options in mai.config.yaml or where it is registered.",
  });
}
