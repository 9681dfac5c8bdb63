/** The door of mai-orchestration-framework. See docs/ARCHITECTURE.md. */
export {
  type AgentProfile,
  type Approval,
  type ApprovalStage,
  type Capacity,
  type Check,
  type CouncilSeat,
  type CouncilSettings,
  type CouncilStrategy,
  createFarmResult,
  type FarmResult,
  type FarmTask,
  type Isolation,
  isMaiError,
  isSuccessResult,
  MaiError,
  type MaiErrorCode,
  type PermissionMode,
  type Receipt,
  type ResultStatus,
  type RetryOptions,
  type TaskPriority,
  type TaskType,
  type Usage,
  type Verdict,
  type Work,
} from "mai-orchestration-core";
export {
  type AgentConfig,
  AgentRegistry,
  type AgentStatus,
  type AgentStatusType,
  type AggregatedResults,
  aggregateResults,
  createFarmTask,
  formatResultsMarkdown,
  isOverallSuccess,
  LoggingEventHandler,
  type OrchestrationEvent,
  type OrchestrationEventHandler,
  ResultAggregator,
} from "mai-orchestration-core/seed";
export {
  type ActionItem,
  type CouncilResult,
  type Decision,
  planFromCouncil,
  planTextFromCouncil,
  readCouncil,
  readCouncilResult,
} from "mai-orchestration-council";
export type { Agent, AgentReport, Clock, Store } from "mai-orchestration-engine";
export type { Durability } from "mai-orchestration-sqlite";
export { agentsFrom } from "./agents/agents-from.ts";
export { defaultAgents } from "./agents/default-agents.ts";
export { type AgentSetting, capacityOf } from "./config/agent-setting.ts";
export type { AgentBackend, BackendOptions, ProseBackend } from "./config/backends.ts";
export { backendOf } from "./config/choose-backend.ts";
export { findRoot } from "./config/find-root.ts";
export { type Config, loadConfig } from "./config/load-config.ts";
export type { CouncilOptions, CouncilPlace, ResumeCouncilOptions } from "./council/council-options.ts";
export { type ResultReview, type ReviewOptions, reviewResults } from "./council/review-results.ts";
export { type HeldCouncil, resumeCouncil, runCouncil } from "./council/run-council.ts";
export {
  AgentDispatcher,
  type DispatchResult,
} from "./dispatcher/agent-dispatcher.ts";
export type { AgentRegistration } from "./dispatcher/agent-registration.ts";
export {
  type FunctionAgentConfig,
  type FunctionOutput,
  type FunctionRun,
  type FunctionTools,
  functionAgent,
} from "./dispatcher/function-agent.ts";
export {
  type Execution,
  type ResumeRunInput,
  type RunEnd,
  resumeRun,
  type StartRunInput,
  startRun,
} from "./execution/execution.ts";
export { loadState, saveState } from "./orchestrator/local-md-state.ts";
export type { BatchOptions, OrchestratorOptions } from "./orchestrator/options.ts";
export { Orchestrator } from "./orchestrator/orchestrator.ts";
export type { BatchState, OrchestrationState } from "./orchestrator/state.ts";
export { type LoadedPlan, loadPlan, parsePlanText } from "./plan/load-plan.ts";
