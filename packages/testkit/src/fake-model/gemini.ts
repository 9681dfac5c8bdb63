/** Gemini: `POST /v1beta/models/M:generateContent` and `:streamGenerateContent`, spoken by Gemini CLI. */
import { listOf, objectOf, textOf } from "./json.ts";
import type { Message, ModelRequest, Turn, WireEvent, WireFormat } from "./wire.ts";
import { piecesOf } from "./wire.ts";

const pathPattern = /\/models\/([^/:]+):(stream)?generateContent$/i;

/** @internal */
export const gemini: WireFormat = {
  name: "gemini",
  matches: (path) => pathPattern.test(path),
  read,
  whole: (turn) => answer(turn, partsOf(turn), true),
  events,
};

function read(value: unknown, path: string): ModelRequest {
  const body = objectOf(value);
  const [, model = "", stream] = pathPattern.exec(path) ?? [];
  const wanted = objectOf(body["generationConfig"]);
  return {
    model,
    stream: stream !== undefined,
    system: textOf(objectOf(body["systemInstruction"])["parts"]),
    messages: listOf(body["contents"]).map(messageOf),
    tools: listOf(body["tools"]).flatMap((tool) =>
      listOf(objectOf(tool)["functionDeclarations"]).map((declared) => String(objectOf(declared)["name"])),
    ),
    schema: wanted["responseJsonSchema"] ?? wanted["responseSchema"],
  };
}

function messageOf(value: unknown): Message {
  const { role, parts } = objectOf(value);
  if (role === "model") return { role: "model", text: textOf(parts) };
  const text = textOf(parts);
  const hasResult = listOf(parts).some((part) => objectOf(part)["functionResponse"] !== undefined);
  return { role: hasResult && text === "" ? "tool" : "user", text };
}

function* events(turn: Turn): Generator<WireEvent> {
  const [last = "", ...before] = [...piecesOf(turn.text ?? "")].reverse();
  for (const text of before.reverse()) yield { data: answer(turn, [{ text }], false) };
  const parts = partsOf({ ...turn, text: turn.text === null ? null : last });
  yield { data: answer(turn, parts, true) };
}

function partsOf(turn: Turn): readonly object[] {
  const calls = turn.calls.map(({ id, name, input }) => ({
    functionCall: { id: `call_${id}`, name, args: input },
  }));
  return turn.text === null ? calls : [{ text: turn.text }, ...calls];
}

function answer(turn: Turn, parts: readonly object[], isLast: boolean): object {
  const { usage } = turn;
  const finish = { end: "STOP", tool: "STOP", length: "MAX_TOKENS", refusal: "SAFETY" }[turn.stop];
  const content = { role: "model", parts };
  return {
    candidates: [{ index: 0, content, ...(isLast ? { finishReason: finish } : {}) }],
    usageMetadata: {
      promptTokenCount: usage.input,
      candidatesTokenCount: usage.output,
      totalTokenCount: usage.input + usage.output,
      cachedContentTokenCount: usage.cacheRead,
    },
    modelVersion: turn.model,
    responseId: turn.id,
  };
}
