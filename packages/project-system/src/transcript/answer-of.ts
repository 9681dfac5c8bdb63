/** The answer that a call carries itself. */
import type { ToolCall } from "./transcript.ts";
import type { ToolAnswer } from "./transcript-line.ts";

/** `undefined` for a call without an id: nothing could be told apart by it. @internal */
export function answerOf({ id, result, isError }: ToolCall): ToolAnswer | undefined {
  if (id === undefined || result === undefined) return undefined;
  return { callId: id, text: typeof result === "string" ? result : "", isError: isError === true };
}
