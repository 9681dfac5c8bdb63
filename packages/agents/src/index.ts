/** The process runner and the agents of mai-orchestration-framework. See docs/ARCHITECTURE.md. */

export * from "./agents.ts";
export * from "./backend.ts";
export * from "./check.ts";
export { claudeInstallCommand } from "./claude-code/classify.ts";
export { claudeCode } from "./claude-code/claude-code.ts";
export type { ClaudeCodeOptions } from "./claude-code/options.ts";
export * from "./command-agent.ts";
export * from "./git-tree.ts";
export * from "./probe.ts";
export * from "./process/custody.ts";
export { killEverythingNow } from "./process/kill-everything-now.ts";
export * from "./process/process-options.ts";
export { runProcess } from "./process/run-process.ts";
export { type CheckAgainOptions, type CheckedAgain, checkAgain } from "./workspace/check-again.ts";
export { createGit, type Git, type GitEnd, type GitOptions } from "./workspace/git.ts";
export { branchOf, salvagePrefix } from "./workspace/names.ts";
export { pruneRun } from "./workspace/prune-run.ts";
export type { Author } from "./workspace/repository.ts";
export { listSalvages, patchOfSalvage, restoreSalvage, type Salvaged } from "./workspace/salvages.ts";
export { type Workspace, Workspaces, type WorkspacesOptions } from "./workspace/workspaces.ts";
