/** From what was registered to somebody who can do tasks. */
import { backendAgent, claudeCode, commandBackend } from "mai-orchestration-agents";
import type { Agent } from "mai-orchestration-engine";
import type { AgentRegistration } from "../dispatcher/agent-dispatcher.ts";
import { agentOfFunction } from "../dispatcher/function-agent.ts";

/** A function runs itself; anything else is a profile of the machine's model agent, and `bash` runs commands too. */
export function makeAgent(config: AgentRegistration): Agent {
  if (config.run !== undefined) return agentOfFunction(config);
  const { id, capabilities, maxConcurrent } = config;
  const profile = id === "bash" || id === "explore" ? id : "general-purpose";
  const prose = claudeCode({ profile });
  if (id !== "bash") return backendAgent({ id, capabilities, maxConcurrent, prose });
  return backendAgent({ id, capabilities, maxConcurrent, prose, command: commandBackend({}) });
}
