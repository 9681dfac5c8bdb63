/** OpenAI Responses: `POST /v1/responses`, spoken by Codex. */
import { listOf, objectOf, stringOf, textOf } from "./json.ts";
import type { Message, ModelRequest, Turn, WireEvent, WireFormat } from "./wire.ts";
import { piecesOf } from "./wire.ts";

/** @internal */
export const responses: WireFormat = {
  name: "responses",
  matches: (path) => path.endsWith("/responses"),
  read,
  whole: responseOf,
  events,
};

function read(value: unknown): ModelRequest {
  const body = objectOf(value);
  return {
    model: stringOf(body["model"]),
    stream: body["stream"] === true,
    system: stringOf(body["instructions"]),
    messages: messagesOf(body["input"]),
    tools: listOf(body["tools"]).map((tool) => stringOf(objectOf(tool)["name"] ?? objectOf(tool)["type"])),
    schema: objectOf(objectOf(body["text"])["format"])["schema"],
  };
}

/** One turn of the model is several items here: reasoning, a message, calls. */
function messagesOf(input: unknown): readonly Message[] {
  if (typeof input === "string") return [{ role: "user", text: input }];
  const messages: Message[] = [];
  for (const value of listOf(input)) {
    const item = objectOf(value);
    const type = stringOf(item["type"]);
    if (item["role"] === "assistant" || /^(reasoning|compaction)$|_call$/.test(type)) {
      if (messages.at(-1)?.role !== "model") messages.push({ role: "model", text: "" });
    } else if (type.endsWith("_output")) messages.push({ role: "tool", text: "" });
    else messages.push({ role: "user", text: textOf(item["content"]) });
  }
  return messages;
}

function* events(turn: Turn): Generator<WireEvent> {
  const response = responseOf(turn);
  const started = { ...response, status: "in_progress", output: [], usage: null, incomplete_details: null };
  yield named({ type: "response.created", response: started });
  for (const [index, item] of itemsOf(turn).entries()) {
    const added = item.type === "message" ? { ...item, status: "in_progress", content: [] } : item;
    yield named({ type: "response.output_item.added", output_index: index, item: added });
    if (item.type === "message") {
      const place = { item_id: item.id, output_index: index, content_index: 0 };
      for (const delta of piecesOf(turn.text ?? "")) {
        yield named({ type: "response.output_text.delta", ...place, delta });
      }
    }
    yield named({ type: "response.output_item.done", output_index: index, item });
  }
  const end = isComplete(turn) ? "response.completed" : "response.incomplete";
  yield named({ type: end, response });
}

function named(data: { readonly type: string; readonly [name: string]: unknown }): WireEvent {
  return { event: data.type, data };
}

interface Item {
  readonly type: string;
  readonly id: string;
  readonly [name: string]: unknown;
}

function itemsOf(turn: Turn): readonly Item[] {
  const calls = turn.calls.map(({ id, name, input }): Item => {
    const call = { call_id: `call_${id}`, name, arguments: JSON.stringify(input) };
    return { type: "function_call", id: `fc_${id}`, status: "completed", ...call };
  });
  if (turn.text === null) return calls;
  const content = [{ type: "output_text", text: turn.text, annotations: [] }];
  return [
    { type: "message", id: `item_${turn.id}`, role: "assistant", status: "completed", content },
    ...calls,
  ];
}

function responseOf(turn: Turn): object {
  const { usage } = turn;
  return {
    id: `resp_${turn.id}`,
    object: "response",
    created_at: 0,
    model: turn.model,
    status: isComplete(turn) ? "completed" : "incomplete",
    incomplete_details: isComplete(turn)
      ? null
      : { reason: turn.stop === "length" ? "max_output_tokens" : "content_filter" },
    output: itemsOf(turn),
    usage: {
      input_tokens: usage.input,
      input_tokens_details: { cached_tokens: usage.cacheRead },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: usage.input + usage.output,
    },
    parallel_tool_calls: true,
    error: null,
  };
}

function isComplete(turn: Turn): boolean {
  return turn.stop === "end" || turn.stop === "tool";
}
