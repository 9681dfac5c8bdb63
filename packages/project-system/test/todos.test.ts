import {
  calculateTodoProgress,
  extractTodoState,
  formatTodosAsMarkdown,
  getCompletedTasks,
  getCurrentTask,
  getPendingTasks,
  parseTranscript,
  type TodoItem,
} from "mai-project-system";
import { expect, test } from "vitest";
import { answer, fixture, lines, use } from "./support/folder.ts";

const todos: TodoItem[] = [
  { content: "Read", status: "completed", activeForm: "Reading" },
  { content: "Write", status: "in_progress", activeForm: "Writing" },
  { content: "Test", status: "pending", activeForm: "Testing" },
];

const todosOf = (text: string): TodoItem[] => extractTodoState(parseTranscript(text));

test("a list can be taken apart, counted and shown", () => {
  expect(getCurrentTask(todos)?.content).toBe("Write");
  expect(getCurrentTask([])).toBeUndefined();
  expect(getPendingTasks(todos)).toEqual([todos[2]]);
  expect(getCompletedTasks(todos)).toEqual([todos[0]]);
  expect(calculateTodoProgress(todos)).toBe(33);
  expect(calculateTodoProgress([])).toBe(0);
  expect(formatTodosAsMarkdown(todos)).toBe("- [x] Read\n- [-] Write\n- [ ] Test");
});

test("a recorded session with TaskCreate and TaskUpdate has the list that its TaskList shows", () => {
  expect(todosOf(fixture("session.jsonl"))).toEqual([
    { content: "Read the parser", status: "completed", activeForm: "Reading the parser" },
    { content: "Write the block", status: "in_progress", activeForm: "Writing the block" },
  ]);
});

test("a recorded session with TodoWrite has its list", () => {
  expect(todosOf(fixture("todo-write.jsonl"))).toEqual([
    { content: "A", status: "completed", activeForm: "Doing A" },
    { content: "B", status: "in_progress", activeForm: "Doing B" },
  ]);
});

test("a session without the tools has an empty list", () => {
  expect(todosOf(fixture("still-running.jsonl"))).toEqual([]);
});

test("the last TodoWrite counts, and an unknown status is pending", () => {
  const text = lines(
    { tool: "TodoWrite", params: { todos: [{ content: "old", status: "pending", activeForm: "" }] } },
    {
      tool: "TodoWrite",
      params: { todos: [{ content: "new", status: "paused", activeForm: "Newing" }, 7, null] },
    },
  );

  expect(todosOf(text)).toEqual([{ content: "new", status: "pending", activeForm: "Newing" }]);
});

test("a TodoWrite that failed leaves the list as it was", () => {
  const text = lines(
    use("t1", "TodoWrite", { todos: [{ content: "kept", status: "pending" }] }),
    answer("t1", "ok"),
    use("t2", "TodoWrite", { todos: "no list" }),
    answer("t2", "InputValidationError", "Error", true),
  );

  expect(todosOf(text)).toEqual([{ content: "kept", status: "pending", activeForm: "kept" }]);
});

test("an update of a task that was never seen created is taken, one that failed is not", () => {
  const text = lines(
    use("t1", "TaskUpdate", { taskId: "7", status: "in_progress", subject: "Seven" }),
    answer("t1", "Updated task #7 status", { success: true, taskId: "7" }),
    use("t2", "TaskUpdate", { taskId: "8", status: "completed" }),
    answer("t2", "Task not found", { success: false, taskId: "8" }),
    use("t3", "TaskUpdate", { taskId: "7", status: "completed" }),
  );

  expect(todosOf(text)).toEqual([{ content: "Seven", status: "in_progress", activeForm: "Seven" }]);
});

test("the todo list of a sub-agent is not that of the session", () => {
  const side = {
    ...(use("s1", "TodoWrite", { todos: [{ content: "theirs" }] }) as object),
    isSidechain: true,
  };
  const text = lines(
    { type: "user", message: { content: "Go." } },
    use("t1", "TodoWrite", { todos: [] }),
    side,
  );

  expect(todosOf(text)).toEqual([]);
});

test("a list is extracted from calls that somebody put together", () => {
  const call = {
    tool: "TaskCreate",
    params: { subject: "One" },
    id: "t1",
    result: "Task #4 created successfully: One",
  };
  const made = { decisions: [], messageCount: 0, assistantMessages: [], userMessages: [] };

  expect(extractTodoState({ ...made, toolCalls: [call] })).toEqual([
    { content: "One", status: "pending", activeForm: "One" },
  ]);
});
