/** Agents as the configuration describes them: data, from which agents are made elsewhere. */
import type { Sandbox } from "mai-orchestration-agents";
import {
  type AgentProfile,
  type Capacity,
  defaultPermissions,
  defaultProfile,
  type PermissionMode,
  type TaskType,
  taskTypes,
} from "mai-orchestration-core";

/** How a configured agent is reached: a shell for commands, or Claude Code. @public */
export type AgentBackend = "command" | "claude-code";

/** @internal */
export const backends: readonly AgentBackend[] = ["command", "claude-code"];

/** One configured agent, every field decided. @public */
export interface AgentSetting {
  readonly agentId: string;
  /** `null`: the model backend found on the machine. */
  readonly backend: AgentBackend | null;
  readonly capabilities: readonly TaskType[];
  readonly maxConcurrent: number;
  /** Whether it runs tasks with a `command`: backend `command`, and the default `bash` as long as it names no backend. */
  readonly commands: boolean;
  /**
   * Whether it does tasks without a `command`. One that has its shell only does once commands are allowed to it:
   * before that it could do nothing.
   */
  readonly prose: boolean;
  readonly profile: AgentProfile;
  readonly permissions: PermissionMode;
  /** Shell commands it may run although its permissions alone would not let it. */
  readonly allow: readonly string[];
  /** `null`: the backend's own choice. */
  readonly model: string | null;
  /** `null`: the one on PATH. */
  readonly executable: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** What stands around its attempts; `null` for nothing. */
  readonly sandbox: Sandbox | null;
}

/** What an entry of the configuration may say. @internal */
export interface AgentEntry {
  readonly agentId: string;
  readonly backend?: AgentBackend;
  readonly capabilities?: readonly TaskType[];
  readonly maxConcurrent?: number;
  readonly model?: string;
  readonly permissions?: PermissionMode;
  readonly allow?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly executable?: string;
  readonly sandbox?: Sandbox;
  readonly profile?: AgentProfile;
}

/** The three agents that are there without any configuration. @internal */
export function defaultSettings(): AgentSetting[] {
  return layOver([]);
}

interface DefaultAgent extends AgentEntry {
  readonly capabilities: readonly TaskType[];
  readonly maxConcurrent: number;
  readonly profile: AgentProfile;
}

const defaultAgents: readonly DefaultAgent[] = [
  { agentId: "general-purpose", profile: "general-purpose", capabilities: taskTypes, maxConcurrent: 5 },
  { agentId: "bash", profile: "bash", capabilities: ["implementation", "test"], maxConcurrent: 3 },
  { agentId: "explore", profile: "explore", capabilities: ["research", "review"], maxConcurrent: 5 },
];

/** Whether an entry of this id changes a default agent. @internal */
export function isDefaultAgent(agentId: string): agentId is AgentProfile {
  return defaultAgents.some((agent) => agent.agentId === agentId);
}

/**
 * The three default agents with `entries` laid over them: an entry replaces the
 * fields it names, and one of an id of its own is added at the end.
 *
 * @internal
 */
export function layOver(entries: readonly AgentEntry[]): AgentSetting[] {
  const laid = defaultAgents.map((agent) => ({
    ...agent,
    ...entries.find(({ agentId }) => agentId === agent.agentId),
  }));
  const added = entries.filter(({ agentId }) => !isDefaultAgent(agentId));
  return [...laid, ...added].map(settingOf);
}

/** Decides every field that an entry leaves open. @internal */
export function settingOf(entry: AgentEntry): AgentSetting {
  const { backend = null, profile = defaultProfile, allow = [] } = entry;
  const permissions = entry.permissions ?? defaultPermissions(profile);
  return {
    agentId: entry.agentId,
    backend,
    capabilities: entry.capabilities ?? [],
    maxConcurrent: entry.maxConcurrent ?? 1,
    commands: backend === "command" || (backend === null && entry.agentId === "bash"),
    prose: backend !== "command" && (profile !== "bash" || permissions === "full" || allow.length > 0),
    profile,
    permissions,
    allow,
    model: entry.model ?? null,
    executable: entry.executable ?? null,
    env: entry.env ?? {},
    sandbox: entry.sandbox ?? null,
  };
}

/** What a plan can be checked against before any agent exists. @public */
export function capacityOf(setting: AgentSetting): Capacity {
  const { agentId, capabilities, commands, prose, maxConcurrent } = setting;
  return { agentId, capabilities, commands, prose, maxConcurrent };
}
