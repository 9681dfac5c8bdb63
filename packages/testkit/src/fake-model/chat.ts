/** OpenAI Chat Completions: `POST /v1/chat/completions`, spoken by OpenCode, Qwen Code, pi. */
import { listOf, objectOf, stringOf, textOf } from "./json.ts";
import type { Message, ModelRequest, Turn, WireEvent, WireFormat } from "./wire.ts";
import { piecesOf } from "./wire.ts";

/** @internal */
export const chat: WireFormat = {
  name: "chat",
  matches: (path) => path.endsWith("/chat/completions"),
  read,
  whole,
  events,
};

function read(value: unknown): ModelRequest {
  const body = objectOf(value);
  const all = listOf(body["messages"]).map(objectOf);
  const isSystem = (role: unknown): boolean => role === "system" || role === "developer";
  return {
    model: stringOf(body["model"]),
    stream: body["stream"] === true,
    system: all
      .filter((message) => isSystem(message["role"]))
      .map((message) => textOf(message["content"]))
      .join("\n"),
    messages: all.filter((message) => !isSystem(message["role"])).map(messageOf),
    tools: listOf(body["tools"]).map((tool) => stringOf(objectOf(objectOf(tool)["function"])["name"])),
    schema: objectOf(objectOf(body["response_format"])["json_schema"])["schema"],
  };
}

function messageOf(message: Readonly<Record<string, unknown>>): Message {
  if (message["role"] === "tool") return { role: "tool", text: "" };
  return { role: message["role"] === "assistant" ? "model" : "user", text: textOf(message["content"]) };
}

function whole(turn: Turn): object {
  const calls = turn.calls.length === 0 ? {} : { tool_calls: callsOf(turn) };
  const message = { role: "assistant", content: turn.text, ...calls };
  const choices = [{ index: 0, finish_reason: finishOf(turn), message }];
  return { ...headOf(turn), object: "chat.completion", choices, usage: usageOf(turn) };
}

function* events(turn: Turn): Generator<WireEvent> {
  const [first = "", ...more] = piecesOf(turn.text ?? "");
  yield chunk(turn, { role: "assistant", content: first });
  for (const content of more) yield chunk(turn, { content });
  if (turn.calls.length > 0) yield chunk(turn, { tool_calls: callsOf(turn) });
  yield chunk(turn, {}, finishOf(turn));
  yield { data: { ...headOf(turn), object: "chat.completion.chunk", choices: [], usage: usageOf(turn) } };
  yield { data: "[DONE]" };
}

function chunk(turn: Turn, delta: object, finish: string | null = null): WireEvent {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return { data: { ...headOf(turn), object: "chat.completion.chunk", choices } };
}

function headOf(turn: Turn): object {
  return { id: `chatcmpl-${turn.id}`, created: 0, model: turn.model };
}

function callsOf(turn: Turn): readonly object[] {
  return turn.calls.map(({ id, name, input }, index) => {
    return {
      index,
      id: `call_${id}`,
      type: "function",
      function: { name, arguments: JSON.stringify(input) },
    };
  });
}

function usageOf({ usage }: Turn): object {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
  };
}

function finishOf(turn: Turn): string {
  return { end: "stop", tool: "tool_calls", length: "length", refusal: "content_filter" }[turn.stop];
}
