/** The todo list of a transcript. */
import { answerOf } from "../transcript/answer-of.ts";
import type { ParsedTranscript } from "../transcript/transcript.ts";
import type { TodoItem } from "./todo-item.ts";
import { todoLedger } from "./todo-ledger.ts";

/**
 * The todo list as the session left it, from `TodoWrite` or from `TaskCreate`
 * and `TaskUpdate`, whichever was used last. Empty when the session had
 * neither, which is usual today.
 *
 * @public
 */
export function extractTodoState(transcript: ParsedTranscript): TodoItem[] {
  if (transcript.facts !== undefined) return [...transcript.facts.todos];
  const ledger = todoLedger();
  for (const call of transcript.toolCalls) {
    if (call.isSidechain === true) continue;
    ledger.call(call);
    const answer = answerOf(call);
    if (answer !== undefined) ledger.answer(call, answer);
  }
  return [...ledger.todos()];
}
