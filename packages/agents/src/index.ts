/** The process runner and the agents of mai-orchestration-framework. See docs/ARCHITECTURE.md. */

export { acp, acpInstallCommand } from "./acp/acp.ts";
export type { AcpAgentName } from "./acp/agents.ts";
export type { AcpOptions } from "./acp/options.ts";
export * from "./agents.ts";
export * from "./backend.ts";
export * from "./check.ts";
export { claudeInstallCommand } from "./claude-code/classify.ts";
export { claudeCode } from "./claude-code/claude-code.ts";
export type { ClaudeCodeOptions } from "./claude-code/options.ts";
export { type CodexOptions, codex } from "./codex/codex.ts";
export * from "./command-agent.ts";
export { type GeminiOptions, gemini } from "./gemini/gemini.ts";
export * from "./git-tree.ts";
export { model } from "./model/model.ts";
export type { LanguageModelObject, ModelOptions } from "./model/options.ts";
export { type OpenCodeOptions, openCode } from "./opencode/opencode.ts";
export * from "./permission.ts";
export * from "./probe.ts";
export * from "./process/custody.ts";
export { killEverythingNow } from "./process/kill-everything-now.ts";
export * from "./process/process-options.ts";
export { runProcess } from "./process/run-process.ts";
export type { AskingProgramOptions, ProgramOptions } from "./program/options.ts";
export { type QwenOptions, qwen } from "./qwen/qwen.ts";
export * from "./structured-output.ts";
