/** Gathers from calls and their answers what is extracted later, each fact in bounded space. */
import { agentLedger } from "../agents/agent-ledger.ts";
import { todoLedger } from "../todos/todo-ledger.ts";
import { modifiedFileOf, readFileOf } from "./files-and-tools.ts";
import type { ToolCall, TranscriptFacts } from "./transcript.ts";
import type { TaskNotice, ToolAnswer } from "./transcript-line.ts";

/** @internal */
export interface FactLedger {
  call(call: ToolCall): void;
  answer(call: ToolCall, answer: ToolAnswer, timestamp: string | undefined): void;
  notice(notice: TaskNotice, timestamp: string | undefined): void;
  facts(): TranscriptFacts;
}

const maxFiles = 10_000;
const maxPathChars = 1_000;
const maxTools = 1_000;
const otherTools = "(other)";

/** @internal */
export function factLedger(): FactLedger {
  const todos = todoLedger();
  const agents = agentLedger();
  const modified = new Set<string>();
  const read = new Set<string>();
  const usage = new Map<string, number>();

  const touch = (call: ToolCall): void => {
    addFile(modified, modifiedFileOf(call));
    addFile(read, readFileOf(call));
  };
  return {
    call(call) {
      const name =
        usage.has(call.tool) || (usage.size < maxTools && call.tool.length <= 200) ? call.tool : otherTools;
      usage.set(name, (usage.get(name) ?? 0) + 1);
      if (call.isSidechain !== true) todos.call(call);
      agents.call(call);
      // With an id the answer will tell whether anything was touched.
      if (call.id === undefined || call.result !== undefined) touch(call);
    },
    answer(call, answer, timestamp) {
      if (call.isSidechain !== true) todos.answer(call, answer);
      agents.answer(call, answer, timestamp);
      if (!answer.isError) touch(call);
    },
    notice: (notice, timestamp) => agents.notice(notice, timestamp),
    facts: () => ({
      todos: todos.todos(),
      agents: agents.agents(),
      modifiedFiles: [...modified],
      readFiles: [...read],
      toolUsage: Object.fromEntries(usage),
    }),
  };
}

/** Past the limit the one that was touched first is forgotten. */
function addFile(files: Set<string>, file: string | undefined): void {
  if (file === undefined || file === "" || file.length > maxPathChars) return;
  files.add(file);
  const [first] = files;
  if (files.size > maxFiles && first !== undefined) files.delete(first);
}
