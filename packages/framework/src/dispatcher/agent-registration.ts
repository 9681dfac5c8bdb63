import type { AgentConfig } from "mai-orchestration-core/seed";
import type { FunctionAgentConfig } from "./function-agent.ts";

/** An agent as it is registered: a profile of the machine's model agent, or one with a way to run of its own. @public */
export type AgentRegistration = (AgentConfig & { backend?: never; run?: never }) | FunctionAgentConfig;
