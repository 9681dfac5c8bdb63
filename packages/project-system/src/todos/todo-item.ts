/** The todo list of a session, in the original's shape. */

/** How far a todo is, in Claude Code's words. @public */
export type TodoStatus = "pending" | "in_progress" | "completed";

/** One entry of the todo list that Claude Code keeps in a session. @public */
export interface TodoItem {
  content: string;
  status: TodoStatus;
  /** How it is called while it is done: "Reading the parser". */
  activeForm: string;
}

/** What is being done; `undefined` if nothing is. @public */
export function getCurrentTask(todos: readonly TodoItem[]): TodoItem | undefined {
  return todos.find(({ status }) => status === "in_progress");
}

/** The todos that nobody has begun, in their order. @public */
export function getPendingTasks(todos: readonly TodoItem[]): TodoItem[] {
  return todos.filter(({ status }) => status === "pending");
}

/** The todos that are done, in their order. @public */
export function getCompletedTasks(todos: readonly TodoItem[]): TodoItem[] {
  return todos.filter(({ status }) => status === "completed");
}

/** How much is completed, 0 to 100, rounded; 0 of an empty list. @public */
export function calculateTodoProgress(todos: readonly TodoItem[]): number {
  return todos.length === 0 ? 0 : Math.round((getCompletedTasks(todos).length / todos.length) * 100);
}

/** One line each: `- [x]` completed, `- [-]` in progress, `- [ ]` pending. @public */
export function formatTodosAsMarkdown(todos: readonly TodoItem[]): string {
  return todos.map(({ content, status }) => `- [${marks[status]}] ${content}`).join("\n");
}

const marks: Readonly<Record<TodoStatus, string>> = { completed: "x", in_progress: "-", pending: " " };
