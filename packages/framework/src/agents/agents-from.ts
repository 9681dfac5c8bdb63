/** From the configuration's settings to agents that can do tasks. */
import { type Backend, backendAgent, claudeCode, commandBackend } from "mai-orchestration-agents";
import type { Agent } from "mai-orchestration-engine";
import type { AgentSetting } from "../config/agent-setting.ts";

/** Makes the agents, in the order of their settings. @public */
export function agentsFrom(settings: readonly AgentSetting[]): Agent[] {
  return settings.map(agentFrom);
}

/** Makes one agent. @internal */
export function agentFrom(setting: AgentSetting): Agent {
  const { agentId: id, capabilities, maxConcurrent } = setting;
  const command = setting.commands ? { command: commandBackend({ env: setting.env }) } : {};
  const prose = setting.prose ? { prose: proseBackend(setting) } : {};
  const wall = setting.sandbox === null ? {} : { sandbox: setting.sandbox };
  return backendAgent({ id, capabilities, maxConcurrent, ...command, ...prose, ...wall });
}

/** Claude Code is the one model backend of this version, configured or found on the machine. */
function proseBackend({ profile, permissions, allow, env, model, executable }: AgentSetting): Backend {
  return claudeCode({
    profile,
    permissions,
    allow,
    env,
    ...(model === null ? {} : { model }),
    ...(executable === null ? {} : { executable }),
  });
}
