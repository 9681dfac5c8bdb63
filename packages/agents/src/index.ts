/** The process runner and the agents of mai-orchestration-framework. See docs/ARCHITECTURE.md. */
export * from "./process/run-process.ts";
export * from "./process/custody.ts";
export * from "./backend.ts";
export * from "./command-agent.ts";
export { claudeCode } from "./claude-code/claude-code.ts";
export { claudeInstallCommand } from "./claude-code/classify.ts";
export type { ClaudeCodeOptions, ClaudeProfile, Permissions } from "./claude-code/options.ts";
export * from "./agents.ts";
export * from "./check.ts";
export * from "./git-tree.ts";
export * from "./probe.ts";
