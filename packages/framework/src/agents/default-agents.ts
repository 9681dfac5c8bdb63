import type { AgentConfig } from "mai-orchestration-core/seed";
import { defaultSettings } from "../config/agent-setting.ts";

const names: Readonly<Record<string, string>> = {
  "general-purpose": "General Purpose",
  bash: "Bash",
  explore: "Explore",
};

/** The three agents that are there without any configuration, each time as new copies. @public */
export function defaultAgents(): AgentConfig[] {
  return defaultSettings().map(({ agentId, capabilities, maxConcurrent }) => ({
    id: agentId,
    name: names[agentId] ?? agentId,
    capabilities: [...capabilities],
    maxConcurrent,
    currentLoad: 0,
  }));
}
