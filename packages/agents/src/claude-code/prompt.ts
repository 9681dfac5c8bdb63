/** What the model is told. */
import type { AgentTask } from "mai-orchestration-engine";

/** Claude Code takes no larger prompt on stdin. @internal */
export const longestPromptBytes: number = 10 * 1024 * 1024;

/**
 * The prompt of an attempt: the task as its author wrote it, and, after a
 * failure, why it failed. Begins with words of ours, so that no task can begin
 * with what Claude Code would take for a command of its own.
 *
 * @internal
 */
export function buildPrompt({ task, attempt, feedback }: AgentTask): string {
  const parts = [
    `Do the following ${task.type} task. Nobody can answer questions while you work; when you are done, say in a few sentences what you did and what remains.`,
    section("Task", task.description),
    section("Success criteria", task.successCriteria),
    section("Context", list(task.context)),
    section("Constraints", list(task.constraints)),
    feedback === null
      ? ""
      : section(`This is attempt ${attempt}. Why the one before did not succeed`, feedback),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function section(title: string, text: string): string {
  return text.trim() === "" ? "" : `## ${title}\n\n${text.trim()}`;
}

function list(entries: readonly string[]): string {
  return entries.map((entry) => `- ${entry.trim().replace(/\n/g, "\n  ")}`).join("\n");
}
