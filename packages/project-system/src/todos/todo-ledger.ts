/**
 * Keeps the todo list of a session while its calls go by: the list that
 * `TodoWrite` replaces, or the one that `TaskCreate` and `TaskUpdate` change.
 * A session that has neither tool simply has an empty list.
 */
import { shorten } from "../text.ts";
import type { ToolCall } from "../transcript/transcript.ts";
import type { ToolAnswer } from "../transcript/transcript-line.ts";
import { idAt, isValues, listAt, textAt, type Values, valuesAt } from "../transcript/values.ts";
import type { TodoItem, TodoStatus } from "./todo-item.ts";

/** @internal */
export interface TodoLedger {
  call(call: ToolCall): void;
  answer(call: ToolCall, answer: ToolAnswer): void;
  todos(): readonly TodoItem[];
}

const maxTodos = 1_000;
const maxTodoChars = 500;

/** @internal */
export function todoLedger(): TodoLedger {
  const tasks = new Map<string, TodoItem>();
  let written: readonly TodoItem[] = [];
  /** To be taken back should the answer say that nothing was written. */
  let before: { readonly callId: string; readonly todos: readonly TodoItem[] } | undefined;
  let lastUsed: "todos" | "tasks" = "todos";

  const change = (call: ToolCall, answer: ToolAnswer | undefined): void => {
    if (!changesTasks.has(call.tool)) return;
    lastUsed = "tasks";
    changeTasks(tasks, call, answer);
  };
  return {
    call(call) {
      if (call.tool === "TodoWrite") {
        before = call.id === undefined ? undefined : { callId: call.id, todos: written };
        written = readTodos(call.params["todos"]);
        lastUsed = "todos";
      }
      // Without an id no answer can follow.
      if (call.id === undefined) change(call, undefined);
    },
    answer(call, answer) {
      if (call.tool === "TodoWrite" && answer.isError && before?.callId === answer.callId)
        written = before.todos;
      if (!answer.isError) change(call, answer);
    },
    todos: () => (lastUsed === "todos" ? written : [...tasks.values()]),
  };
}

const changesTasks: ReadonlySet<string> = new Set(["TaskCreate", "TaskUpdate", "TaskList"]);

function changeTasks(tasks: Map<string, TodoItem>, call: ToolCall, answer: ToolAnswer | undefined): void {
  if (answer?.detail?.["success"] === false || /^Task not found/.test(answer?.text ?? "")) return;
  if (call.tool === "TaskCreate" && tasks.size < maxTodos) createTask(tasks, call, answer);
  if (call.tool === "TaskUpdate") updateTask(tasks, call.params);
  if (call.tool === "TaskList" && answer !== undefined) replaceTasks(tasks, answer);
}

function createTask(
  tasks: Map<string, TodoItem>,
  { params }: ToolCall,
  answer: ToolAnswer | undefined,
): void {
  const told =
    idAt(answer?.detail && valuesAt(answer.detail, "task"), "id") ?? /#(\w+)/.exec(answer?.text ?? "")?.[1];
  const id = told ?? String(1 + Math.max(0, ...[...tasks.keys()].map(Number).filter(Number.isInteger)));
  tasks.set(id, todoOf(params, { content: `Task #${id}`, status: "pending", activeForm: "" }));
}

function updateTask(tasks: Map<string, TodoItem>, params: Values): void {
  const id = idAt(params, "taskId", "id");
  if (id === undefined) return;
  // A transcript may begin in the middle: a task can be updated that we never saw created.
  const known = tasks.get(id) ?? { content: `Task #${id}`, status: "pending", activeForm: "" };
  if (params["status"] === "deleted") tasks.delete(id);
  else if (tasks.has(id) || tasks.size < maxTodos) tasks.set(id, todoOf(params, known));
}

/** A list is the whole truth at its moment. */
function replaceTasks(tasks: Map<string, TodoItem>, answer: ToolAnswer): void {
  if (!Array.isArray(answer.detail?.["tasks"])) return;
  const listed = listAt(answer.detail, "tasks").filter(isValues).slice(0, maxTodos);
  const known = new Map(tasks);
  tasks.clear();
  for (const task of listed) {
    const id = idAt(task, "id");
    if (id === undefined) continue;
    tasks.set(
      id,
      todoOf(task, known.get(id) ?? { content: `Task #${id}`, status: "pending", activeForm: "" }),
    );
  }
}

function readTodos(value: unknown): readonly TodoItem[] {
  const todos = Array.isArray(value) ? value.filter(isValues) : [];
  return todos
    .slice(0, maxTodos)
    .map((todo) => todoOf(todo, { content: "", status: "pending", activeForm: "" }));
}

function todoOf(values: Values, known: TodoItem): TodoItem {
  const content = textAt(values, "content", "subject") ?? known.content;
  const activeForm = textAt(values, "activeForm") ?? (known.activeForm || content);
  const status = values["status"];
  return {
    content: shorten(content, maxTodoChars),
    // The original takes a status that it does not know for pending.
    status: isTodoStatus(status) ? status : status === undefined ? known.status : "pending",
    activeForm: shorten(activeForm, maxTodoChars),
  };
}

function isTodoStatus(value: unknown): value is TodoStatus {
  return value === "pending" || value === "in_progress" || value === "completed";
}
