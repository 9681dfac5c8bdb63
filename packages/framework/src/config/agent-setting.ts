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
import type { Agent } from "mai-orchestration-engine";
import { type AgentBackend, type BackendOptions, optionOfKey } from "./backends.ts";

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
  readonly env: Readonly<Record<string, string>>;
  /** What stands around its attempts; `null` for nothing. */
  readonly sandbox: Sandbox | null;
  /** Agents that stand in for it while it has no quota, no login or no service. */
  readonly fallback: readonly string[];
  /** What else is said to its backend; what is left out is the backend's own choice. */
  readonly options: BackendOptions;
  /** One that was made already, by a configuration that is a program; `null` otherwise. */
  readonly made: Agent | null;
}

/** What an entry of the configuration may say. @internal */
export interface AgentEntry extends BackendOptions {
  readonly agentId: string;
  readonly backend?: AgentBackend;
  readonly capabilities?: readonly TaskType[];
  readonly maxConcurrent?: number;
  readonly sandbox?: Sandbox;
  readonly fallback?: readonly string[];
  readonly made?: Agent;
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
  return [...laid, ...added].map(({ made, ...entry }: AgentEntry) =>
    made === undefined ? settingOf(entry) : settingOfMade({ ...entry, made }),
  );
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
    env: entry.env ?? {},
    sandbox: entry.sandbox ?? null,
    fallback: entry.fallback ?? [],
    options: optionsIn(entry),
    made: null,
  };
}

const decided: readonly string[] = ["profile", "permissions", "allow"];

function optionsIn(entry: AgentEntry): BackendOptions {
  const names = Object.values(optionOfKey).filter((name) => !decided.includes(name));
  return Object.fromEntries(
    names.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]]])),
  );
}

/** An agent that was made in a program, as a setting. */
function settingOfMade({ made, ...entry }: AgentEntry & { readonly made: Agent }): AgentSetting {
  const { agentId, capabilities, maxConcurrent, commands, prose } = made;
  return {
    ...settingOf(entry),
    fallback: made.fallback ?? [],
    agentId,
    capabilities,
    maxConcurrent,
    commands,
    prose,
    made,
  };
}

/** What a plan can be checked against before any agent exists. @public */
export function capacityOf(setting: AgentSetting): Capacity {
  const { agentId, capabilities, commands, prose, maxConcurrent } = setting;
  return { agentId, capabilities, commands, prose, maxConcurrent };
}
