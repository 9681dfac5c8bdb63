/** What reads transcripts: the original's entry point `mai-project-system/parsers`. */

export { agentsAfterHook } from "./agents/agents-after-hook.ts";
export { extractAgentInfo } from "./agents/extract-agent-info.ts";
export type { AgentSummary, SpawnedAgent, SpawnedAgentStatus } from "./agents/spawned-agent.ts";
export { getAgentSummary, getCompletedAgents, getRunningAgents } from "./agents/spawned-agent.ts";
export { formatAgentsAsMarkdown } from "./local-md/format-local-md.ts";
export { extractTodoState } from "./todos/extract-todo-state.ts";
export type { TodoItem, TodoStatus } from "./todos/todo-item.ts";
export {
  calculateTodoProgress,
  formatTodosAsMarkdown,
  getCompletedTasks,
  getCurrentTask,
  getPendingTasks,
} from "./todos/todo-item.ts";
export { getModifiedFiles, getReadFiles, getToolUsageSummary } from "./transcript/files-and-tools.ts";
export { parseTranscript } from "./transcript/parse-transcript.ts";
export { parseTranscriptFile } from "./transcript/parse-transcript-file.ts";
export type { SubAgentFile } from "./transcript/sub-agent-files.ts";
export { parseSession, subAgentFiles } from "./transcript/sub-agent-files.ts";
export type { Compaction, ParsedTranscript, ToolCall, TranscriptFacts } from "./transcript/transcript.ts";
