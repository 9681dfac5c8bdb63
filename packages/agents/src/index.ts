/** The process runner and the agents of mai-orchestration-framework. See docs/ARCHITECTURE.md. */

export { acp, acpInstallCommand } from "./acp/acp.ts";
export { type AcpAgentName, acpAgentNames, acpFacts } from "./acp/agents.ts";
export type { AcpOptions } from "./acp/options.ts";
export * from "./agents.ts";
export * from "./backend.ts";
export * from "./check.ts";
export { claudeCode } from "./claude-code/claude-code.ts";
export type { ClaudeCodeOptions } from "./claude-code/options.ts";
export { type CodexOptions, codex } from "./codex/codex.ts";
export * from "./command-agent.ts";
export {
  Delivery,
  type DeliveryOptions,
  type DeliveryPlace,
  deliveryBranchOf,
  type QueueNews,
  readyToDeliver,
} from "./delivery/delivery.ts";
export type { Candidate, Judgement, Merge, Queue, QueuePorts, Tip } from "./delivery/merge-queue.ts";
export type { Moved } from "./delivery/move-target.ts";
export type { PullRequest } from "./delivery/pull-request.ts";
export { type GeminiOptions, gemini } from "./gemini/gemini.ts";
export * from "./git-tree.ts";
export * from "./hide-secrets.ts";
export { findPackage } from "./machine/find-package.ts";
export * from "./machine/login.ts";
export * from "./machine/probe.ts";
export { model } from "./model/model.ts";
export type { LanguageModelObject, ModelOptions } from "./model/options.ts";
export { type OpenCodeOptions, openCode } from "./opencode/opencode.ts";
export * from "./permission.ts";
export * from "./process/custody.ts";
export { killEverythingNow } from "./process/kill-everything-now.ts";
export * from "./process/leftovers.ts";
export { probeWall } from "./process/probe-wall.ts";
export * from "./process/process-options.ts";
export { livingMarks } from "./process/process-table.ts";
export { runProcess } from "./process/run-process.ts";
export { createVitals } from "./process/vitals.ts";
export { bwrapInstallCommand, type Sandbox, sandboxes } from "./process/wall.ts";
export type { AskingProgramOptions, ProgramOptions } from "./program/options.ts";
export { type ProgramBackend, type ProgramFacts, programBackends, programFacts } from "./program/programs.ts";
export { type QwenOptions, qwen } from "./qwen/qwen.ts";
export * from "./structured-output.ts";
export { type CheckAgainOptions, type CheckedAgain, checkAgain } from "./workspace/check-again.ts";
export { createGit, type Git, type GitEnd, type GitOptions } from "./workspace/git.ts";
export { branchOf, salvagePrefix } from "./workspace/names.ts";
export { pruneRun } from "./workspace/prune-run.ts";
export type { Author } from "./workspace/repository.ts";
export { listSalvages, patchOfSalvage, restoreSalvage, type Salvaged } from "./workspace/salvages.ts";
export { type Workspace, Workspaces, type WorkspacesOptions } from "./workspace/workspaces.ts";
