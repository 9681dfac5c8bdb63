/** Anthropic Messages: `POST /v1/messages`, spoken by Claude Code. */
import { listOf, objectOf, stringOf, textOf } from "./json.ts";
import type { Message, ModelRequest, Turn, WireEvent, WireFormat } from "./wire.ts";
import { piecesOf } from "./wire.ts";

/** @internal */
export const anthropic: WireFormat = {
  name: "anthropic",
  matches: (path) => path.endsWith("/messages"),
  read,
  whole: (turn) => ({
    ...emptyMessage(turn),
    content: contentOf(turn),
    stop_reason: stopOf(turn),
    usage: usageOf(turn),
  }),
  events,
};

function read(value: unknown): ModelRequest {
  const body = objectOf(value);
  return {
    model: stringOf(body["model"]),
    stream: body["stream"] === true,
    system: textOf(body["system"]),
    messages: listOf(body["messages"]).map(messageOf),
    tools: listOf(body["tools"]).map((tool) => stringOf(objectOf(tool)["name"])),
    schema: objectOf(objectOf(body["output_config"])["format"])["schema"],
  };
}

function messageOf(value: unknown): Message {
  const { role, content } = objectOf(value);
  // The parts that hold results of tools carry them in `content`, so their text does not show here.
  return { role: role === "assistant" ? "model" : "user", text: textOf(content) };
}

function* events(turn: Turn): Generator<WireEvent> {
  const started = { ...emptyMessage(turn), usage: { ...usageOf(turn), output_tokens: 1 } };
  yield named({ type: "message_start", message: started });
  for (const [index, block] of contentOf(turn).entries()) {
    const empty = block.type === "text" ? { type: "text", text: "" } : { ...block, input: {} };
    yield named({ type: "content_block_start", index, content_block: empty });
    for (const delta of deltasOf(block)) yield named({ type: "content_block_delta", index, delta });
    yield named({ type: "content_block_stop", index });
  }
  const delta = { stop_reason: stopOf(turn), stop_sequence: null };
  yield named({ type: "message_delta", delta, usage: usageOf(turn) });
  yield named({ type: "message_stop" });
}

function named(data: { readonly type: string; readonly [name: string]: unknown }): WireEvent {
  return { event: data.type, data };
}

type Block =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: object };

function contentOf(turn: Turn): readonly Block[] {
  const calls = turn.calls.map(
    ({ id, name, input }): Block => ({ type: "tool_use", id: `toolu_${id}`, name, input }),
  );
  return turn.text === null ? calls : [{ type: "text", text: turn.text }, ...calls];
}

function deltasOf(block: Block): readonly object[] {
  if (block.type === "text") return piecesOf(block.text).map((text) => ({ type: "text_delta", text }));
  return piecesOf(JSON.stringify(block.input)).map((json) => ({
    type: "input_json_delta",
    partial_json: json,
  }));
}

function emptyMessage(turn: Turn): object {
  const { id, model } = turn;
  return {
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
}

function usageOf({ usage }: Turn): object {
  return {
    input_tokens: usage.input,
    output_tokens: usage.output,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation_input_tokens: usage.cacheWrite,
  };
}

function stopOf(turn: Turn): string {
  return { end: "end_turn", tool: "tool_use", length: "max_tokens", refusal: "refusal" }[turn.stop];
}
