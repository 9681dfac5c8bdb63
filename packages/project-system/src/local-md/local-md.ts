/** The state of a session in CLAUDE.local.md, under the original's names. */
import { existsSync, readFileSync } from "node:fs";
import { getCompletedTasks, getCurrentTask, getPendingTasks, type TodoItem } from "../todos/todo-item.ts";
import { isMissing } from "./atomic-file.ts";
import { formatLocalMd, shortLocalMd } from "./format-local-md.ts";
import type { LocalMdOptions } from "./local-md-options.ts";
import { type StateBlockOptions, type StateBlockWritten, writeStateBlock } from "./state-block.ts";

/**
 * Writes the state of a session into its block of the file. Unlike the
 * original it leaves everything else in the file alone; see
 * {@link writeStateBlock} for what it promises and when it throws.
 *
 * @example
 * const options = buildLocalMdOptions("session-1", todos, ["src/a.ts"], ["We will use SQLite."], agents);
 * writeLocalMd("CLAUDE.local.md", options);
 *
 * @public
 */
export function writeLocalMd(
  path: string,
  options: LocalMdOptions,
  block: LocalMdBlockOptions = {},
): StateBlockWritten {
  const { work = "", ...place } = block;
  const under = (text: string): string => (work === "" ? text : `${work}\n\n${text}`);
  const shorter = (maxChars: number): string => under(shortLocalMd(options, maxChars - under("").length));
  return writeStateBlock(path, { text: under(formatLocalMd(options)), shorter }, place);
}

/** Where the block is, and what it says beside the session. @public */
export interface LocalMdBlockOptions extends StateBlockOptions {
  /** Markdown that stands before the state of the session and is kept whole as long as it fits. */
  readonly work?: string;
}

/** All of the file, the user's text included; `null` if there is none. @public */
export function readLocalMd(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Whether there is anything at that path; a folder counts too. @public */
export function localMdExists(path: string): boolean {
  return existsSync(path);
}

/** What to do next, in a few sentences made from the todo list alone. @public */
export function generateResumeInstructions(
  todos: readonly TodoItem[],
  current: TodoItem | undefined = getCurrentTask(todos),
): string {
  if (todos.length === 0) return "No todo list was kept. Read the files named above before going on.";
  const [next] = getPendingTasks(todos);
  const completed = `${getCompletedTasks(todos).length} of ${todos.length} todos are completed.`;
  if (current === undefined && next === undefined) return `${completed} Nothing is left of the list.`;
  const going = current === undefined ? "" : ` In progress: ${current.content}.`;
  const following = next === undefined ? "" : ` Next: ${next.content}.`;
  return `${completed}${going}${following}`;
}

/**
 * Puts together what the original writes of a session; task, step and
 * instructions come from the todos.
 *
 * @public
 */
export function buildLocalMdOptions(
  sessionId: string,
  todos: readonly TodoItem[],
  files: readonly string[],
  decisions: readonly string[],
  agents: LocalMdOptions["agents"],
  now: Date = new Date(),
): LocalMdOptions {
  const current = getCurrentTask(todos);
  return {
    timestamp: now.toISOString(),
    sessionId,
    currentTask: current?.content ?? "No active task",
    currentStep: current?.activeForm ?? "None",
    modifiedFiles: [...files],
    recentDecisions: [...decisions],
    agents: [...agents],
    resumeInstructions: generateResumeInstructions(todos, current),
  };
}
