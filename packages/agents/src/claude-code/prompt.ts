/** What the model is told. */
import { type Check, type FarmTask, formatDuration, type TaskType } from "mai-orchestration-core";
import type { AgentTask } from "mai-orchestration-engine";

/** Claude Code takes no larger prompt on stdin. @internal */
export const longestPromptBytes: number = 10 * 1024 * 1024;

/**
 * The prompt of an attempt: the task as its author wrote it, how it will be
 * checked, and, after a failure, why it failed. Begins with words of ours, so
 * that no task can begin with what Claude Code would take for a command of its own.
 *
 * A continued session is told what is new first. The task is repeated to it in
 * full all the same: it may have been compacted, or cut off before its first turn was kept.
 *
 * @param isContinued - whether the session of the attempt before goes on
 * @param dataBy - how an answer that the task's `outputSchema` asks for is given: as the last message, or by a
 * tool that the program brings
 * @internal
 */
export function buildPrompt(
  agentTask: AgentTask,
  isContinued: boolean,
  dataBy: "message" | "tool" = "message",
): string {
  const { task } = agentTask;
  const before = section(attemptTitle(agentTask), attemptText(agentTask, isContinued));
  const parts = [
    isContinued ? `Go on with the ${task.type} task of this conversation.` : opening(task.type),
    isContinued ? before : "",
    section(isContinued ? "Task (unchanged)" : "Task", task.description),
    section("Success criteria", task.successCriteria),
    section("Context", list(task.context)),
    section("Constraints", list(task.constraints)),
    section("How your work will be checked", checksText(task.verify ?? [])),
    isContinued ? "" : before,
    section("How to work", howToWork(task.timeout)),
    section("Your last message", dataBy === "message" ? dataMessage(task) : lastMessage(task.type)),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function opening(type: TaskType): string {
  return `Do the following ${type} task in the current directory. Nobody can answer questions while you work.`;
}

/** The number on a line of its own, so that whoever reads the conversation finds where an attempt begins. */
function attemptTitle({ attempt }: AgentTask): string {
  return `Attempt ${attempt}`;
}

function attemptText({ attempt, feedback }: AgentTask, isContinued: boolean): string {
  if (attempt === 1) return "";
  const whose = isContinued ? "Your earlier attempt" : "An earlier attempt";
  if (feedback === null) return `${whose} was interrupted. ${lookFirst}`;
  const remedy = "If the cause is in the work, mend the cause; if it lay elsewhere, go on.";
  return `${whose} did not succeed:\n\n${fenced(feedback)}\n\n${lookFirst} ${remedy}`;
}

const lookFirst =
  "What it left is still in the directory, and may have changed since: look before you build on it.";

function checksText(checks: readonly Check[]): string {
  if (checks.length === 0) return "";
  const commands = fenced(checks.map((check) => check.command).join("\n"));
  return `When you are done these commands are run, one after the other, and each must exit with 0:\n\n${commands}\n\nThey check the success criteria and do not replace them. Run them yourself first if you may; do not weaken what they test.`;
}

function howToWork(timeoutMs: number | undefined): string {
  return list([
    "Do not ask questions. Where something is open, decide as the author of the task would most likely want it.",
    "Others may be working in the same directory: change only what this task needs, leave other changes as they are, and do not commit, stash or reset anything unless the task asks for it.",
    "If a tool is refused to you, do without it or say what it kept you from; do not work around the refusal.",
    ...(timeoutMs === undefined ? [] : [`You are stopped after ${formatDuration(timeoutMs)}, done or not.`]),
  ]);
}

/** It is all that is kept of the conversation as the task's output. */
function lastMessage(type: TaskType): string {
  const open =
    "what you decided yourself, and what remains. If you did not succeed, begin with that, and why.";
  switch (type) {
    case "implementation":
    case "test":
      return `It is kept as the task's result. Say in a few sentences what you changed and how you know that it works, ${open}`;
    case "research":
    case "review":
      return `It is kept as the task's result, and others read nothing else: give your findings in full, with the places (\`file:line\`) that show them, ${open} Change files only where the task asks for it.`;
  }
}

/** Everything else that is said on the way is not kept either. */
function dataMessage({ type, outputSchema }: FarmTask): string {
  if (outputSchema === undefined) return lastMessage(type);
  const schema = fenced(JSON.stringify(outputSchema, null, 2));
  return `It is read by a program: one JSON value that fits the following JSON Schema, and nothing before or after it.\n\n${schema}`;
}

function section(title: string, text: string): string {
  return text.trim() === "" ? "" : `## ${title}\n\n${text.trim()}`;
}

function list(entries: readonly string[]): string {
  return entries.map((entry) => `- ${entry.trim().replace(/\n/g, "\n  ")}`).join("\n");
}

/** In a fence longer than any in the text, so that it ends where we say. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.trim()}\n${fence}`;
}
