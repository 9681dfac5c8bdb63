/** How an ACP agent is to be used. */
import {
  type AskingProgramOptions,
  invalid,
  type ResolvedOptions,
  resolveOptions,
} from "../program/options.ts";
import { type AcpAgentName, type KnownAgent, knownAgents } from "./agents.ts";

/** Which ACP agent, and what it may do. One of `agent` and `command` says which. @public */
export interface AcpOptions extends AskingProgramOptions {
  /** An agent known by name. */
  readonly agent?: AcpAgentName;
  /** Any other: the program and its arguments. */
  readonly command?: readonly [file: string, ...args: string[]];
  /** Milliseconds for each step up to an open session. @defaultValue 60_000 */
  readonly startTimeout?: number;
}

/** @internal */
export interface ResolvedAcpOptions extends ResolvedOptions {
  readonly agent: KnownAgent;
  readonly command: readonly [file: string, ...args: string[]];
  readonly startTimeoutMs: number;
}

const defaultStartTimeoutMs = 60_000;

/** Throws `agent.invalid` for what could never work. @internal */
export function resolveAcpOptions(options: AcpOptions): ResolvedAcpOptions {
  const { agent: name, command, startTimeout = defaultStartTimeoutMs } = options;
  if ((name === undefined) === (command === undefined)) throw invalid("ACP", "name either agent or command");
  if (name !== undefined && !Object.hasOwn(knownAgents, name)) {
    const names = Object.keys(knownAgents).join(", ");
    throw invalid("ACP", `agent "${name}" is unknown; known are ${names}; any other is reached by command`);
  }
  if (command !== undefined && options.executable !== undefined)
    throw invalid("ACP", "command names the program already; leave executable out");
  if (!(Number.isFinite(startTimeout) && startTimeout > 0))
    throw invalid("ACP", "startTimeout must be positive");
  const agent = name === undefined ? unknownAgent(command ?? [""]) : knownAgents[name];
  const resolved = resolveOptions("ACP", agent.command[0], options);
  if (resolved.model !== null && !agent.modelFlag)
    throw invalid("ACP", `${agent.title} takes no model from us; choose it in its own settings`);
  const [, ...args] = agent.command;
  const model = resolved.model !== null ? ["--model", resolved.model] : [];
  return {
    ...resolved,
    env: { ...agent.env?.(resolved), ...resolved.env },
    agent,
    command: [resolved.executable, ...args, ...model],
    startTimeoutMs: startTimeout,
  };
}

function unknownAgent(command: readonly [string, ...string[]]): KnownAgent {
  return {
    title: command[0],
    command,
    installCommand: `whatever installs ${command[0]}`,
    loginRemedy: "log in with the agent's own program",
    prefixes: [],
    modelFlag: false,
    tokens: "none",
  };
}
