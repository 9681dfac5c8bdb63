/** From what was registered to somebody who can do tasks. */
import type { Agent } from "mai-orchestration-engine";
import { isDefaultAgent, settingOf } from "../config/agent-setting.ts";
import type { AgentRegistration } from "../dispatcher/agent-registration.ts";
import { agentOfFunction } from "../dispatcher/function-agent.ts";
import { agentFrom } from "./agents-from.ts";

/** A function runs itself; anything else is a profile of the machine's model agent, and `bash` runs commands. */
export function makeAgent(config: AgentRegistration): Agent {
  if (config.run !== undefined) return agentOfFunction(config);
  const { id: agentId, capabilities, maxConcurrent } = config;
  const profile = isDefaultAgent(agentId) ? { profile: agentId } : {};
  return agentFrom(settingOf({ agentId, capabilities, maxConcurrent, ...profile }));
}
