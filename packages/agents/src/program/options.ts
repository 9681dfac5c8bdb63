/** What every agent program can be told, and what that allows. */
import {
  type AgentProfile,
  agentProfiles,
  defaultPermissions,
  defaultProfile,
  MaiError,
  type PermissionMode,
  permissionModes,
} from "mai-orchestration-core";

/** What an agent's program is and may do; all of it may be left out. @public */
export interface ProgramOptions {
  /** The program. @defaultValue its usual name, looked up on PATH */
  readonly executable?: string;
  /** A model's name, as the program knows it. @defaultValue the program's own choice */
  readonly model?: string;
  /** @defaultValue `"general-purpose"` */
  readonly profile?: AgentProfile;
  /**
   * What may be done without a person's approval. `accept-edits`: reading, and writing inside the workspace.
   * `full`: everything.
   * @defaultValue `"accept-edits"`, for `explore` `"read-only"`
   */
  readonly permissions?: PermissionMode;
  /** Variables for every attempt of this agent; a task's own come on top. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds the program may wait for its model without a word before the attempt ends as transient. @defaultValue 600_000 */
  readonly patience?: number;
}

/** The options of a program that asks before each shell command. @public */
export interface AskingProgramOptions extends ProgramOptions {
  /** Shell commands that need no approval, as patterns: `npm test`, `git diff *`. */
  readonly allow?: readonly string[];
}

/** @internal */
export interface ResolvedOptions {
  readonly executable: string;
  readonly model: string | null;
  readonly profile: AgentProfile;
  readonly permissions: PermissionMode;
  readonly allow: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly patienceMs: number;
}

const defaultPatienceMs = 600_000;

/** The one place where what is left open is decided. Throws `agent.invalid` for what could never work. @internal */
export function resolveOptions(
  name: string,
  executable: string,
  options: AskingProgramOptions,
): ResolvedOptions {
  const profile = options.profile ?? defaultProfile;
  const resolved: ResolvedOptions = {
    executable: options.executable ?? executable,
    model: options.model ?? null,
    profile,
    permissions: options.permissions ?? defaultPermissions(profile),
    allow: options.allow ?? [],
    env: options.env ?? {},
    patienceMs: options.patience ?? defaultPatienceMs,
  };
  const { model, permissions, allow, patienceMs } = resolved;
  if (resolved.executable.trim() === "") throw invalid(name, "executable must name a program");
  if (model !== null && !/^[A-Za-z0-9][\w.:/@[\]-]*$/.test(model))
    throw invalid(name, `model "${model}" is no model's name`);
  if (!permissionModes.includes(permissions)) throw invalid(name, `permissions "${permissions}" are unknown`);
  if (!agentProfiles.includes(profile)) throw invalid(name, `profile "${profile}" is unknown`);
  if (!(Number.isFinite(patienceMs) && patienceMs > 0)) throw invalid(name, "patience must be positive");
  for (const pattern of allow)
    if (pattern.trim() === "" || /[\r\n]/.test(pattern))
      throw invalid(name, `allow "${pattern}" is no shell command`);
  return resolved;
}

/** @internal */
export function invalid(name: string, message: string): MaiError {
  return new MaiError("agent.invalid", `${name} agent: ${message}`, {
    hint: "Correct the agent's options in mai.config.yaml or where it is registered.",
  });
}

/** What profile and permissions come to together, for programs to be set up by. @internal */
export interface Access {
  readonly reads: boolean;
  readonly edits: boolean;
  /** Which shell commands: none, those that `allow` lists, or all. */
  readonly shell: "none" | "listed" | "all";
  /** Everything there is, without asking. */
  readonly everything: boolean;
}

/** @internal */
export function accessOf({ profile, permissions, allow }: ResolvedOptions): Access {
  const listed = allow.length > 0 ? "listed" : "none";
  switch (profile) {
    case "general-purpose": {
      const everything = permissions === "full";
      return {
        reads: true,
        edits: permissions !== "read-only",
        shell: everything ? "all" : listed,
        everything,
      };
    }
    case "bash":
      return {
        reads: false,
        edits: false,
        shell: permissions === "full" ? "all" : listed,
        everything: false,
      };
    case "explore":
      return { reads: true, edits: false, shell: listed, everything: false };
  }
}
