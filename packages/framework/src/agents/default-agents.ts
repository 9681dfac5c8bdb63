import type { AgentConfig } from "mai-orchestration-core";

/** The three agents that are there without any configuration, each time as new copies. @public */
export function defaultAgents(): AgentConfig[] {
  return [
    {
      id: "general-purpose",
      name: "General Purpose",
      capabilities: ["implementation", "test", "review", "research"],
      maxConcurrent: 5,
      currentLoad: 0,
    },
    { id: "bash", name: "Bash", capabilities: ["implementation", "test"], maxConcurrent: 3, currentLoad: 0 },
    {
      id: "explore",
      name: "Explore",
      capabilities: ["research", "review"],
      maxConcurrent: 5,
      currentLoad: 0,
    },
  ];
}
