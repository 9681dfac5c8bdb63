/** The door of mai-orchestration-framework. See docs/ARCHITECTURE.md. */
export {
  type AgentConfig,
  AgentRegistry,
  type AgentStatus,
  type AgentStatusType,
  type AggregatedResults,
  aggregateResults,
  type Check,
  createFarmResult,
  createFarmTask,
  type FarmResult,
  type FarmTask,
  formatResultsMarkdown,
  isMaiError,
  isOverallSuccess,
  isSuccessResult,
  LoggingEventHandler,
  MaiError,
  type MaiErrorCode,
  type OrchestrationEvent,
  type OrchestrationEventHandler,
  type Receipt,
  ResultAggregator,
  type ResultStatus,
  type RetryOptions,
  type TaskPriority,
  type TaskType,
  type Usage,
  type Verdict,
} from "mai-orchestration-core";
export { defaultAgents } from "./agents/default-agents.ts";
export {
  AgentDispatcher,
  type AgentRegistration,
  type DispatchResult,
} from "./dispatcher/agent-dispatcher.ts";
export {
  type FunctionAgentConfig,
  type FunctionOutput,
  type FunctionRun,
  type FunctionTools,
  functionAgent,
} from "./dispatcher/function-agent.ts";
export type { BatchOptions, OrchestratorOptions } from "./orchestrator/options.ts";
export { Orchestrator } from "./orchestrator/orchestrator.ts";
export type { OrchestrationState } from "./orchestrator/state.ts";
