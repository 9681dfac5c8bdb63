/** The four wire formats as a client sees them, written apart from the server's so that each checks the other. */

interface Answer {
  readonly text: string | null;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly usage: { readonly input: number; readonly output: number; readonly cacheRead: number };
  readonly stop: string;
}

/** A user's message, or a model's turn with that many calls followed by their results. */
type Past = { readonly user: string } | { readonly calls: number };

interface Wanted {
  readonly stream: boolean;
  readonly schema?: object;
  readonly title?: boolean;
}

export interface Format {
  readonly name: "anthropic" | "responses" | "chat" | "gemini";
  readonly stops: Readonly<Record<"end" | "tool" | "length" | "refusal", string>>;
  path(stream: boolean): string;
  body(history: readonly Past[], wanted: Wanted): object;
  read(text: string, stream: boolean): Answer;
}

// What a provider sends is read as it comes; a wrong shape fails the test that reads it.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Json = any;

const system = ({ title }: Wanted): string => (title ? "You are a title generator." : "You are an agent.");
const hasTools = ({ schema, title }: Wanted): boolean => schema === undefined && title !== true;
const times = (count: number, make: (index: number) => object): object[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** The data of each server-sent event. */
function eventsOf(text: string): Json[] {
  return text
    .split("\n\n")
    .flatMap((block) => block.split("\n").filter((line) => line.startsWith("data: ")))
    .map((line) => line.slice("data: ".length))
    .filter((data) => data !== "[DONE]")
    .map((data) => JSON.parse(data) as Json);
}

const anthropic: Format = {
  name: "anthropic",
  stops: { end: "end_turn", tool: "tool_use", length: "max_tokens", refusal: "refusal" },
  path: () => "/v1/messages?beta=true",
  body: (history, wanted) => ({
    model: "some-model",
    stream: wanted.stream,
    system: [{ type: "text", text: system(wanted) }],
    ...(hasTools(wanted) ? { tools: [{ name: "read", input_schema: {} }] } : {}),
    ...(wanted.schema ? { output_config: { format: { type: "json_schema", schema: wanted.schema } } } : {}),
    messages: history.flatMap((past): object[] => {
      if ("user" in past) return [{ role: "user", content: [{ type: "text", text: past.user }] }];
      const content = times(past.calls, (id) => ({
        type: "tool_use",
        id: `t${id}`,
        name: "read",
        input: {},
      }));
      const results = times(past.calls, (id) => {
        return {
          type: "tool_result",
          tool_use_id: `t${id}`,
          content: [{ type: "text", text: "<<FAKE [] FAKE>>" }],
        };
      });
      return [
        { role: "assistant", content },
        { role: "user", content: results },
      ];
    }),
  }),
  read(text, stream) {
    const message = stream ? assemble(eventsOf(text)) : (JSON.parse(text) as Json);
    const { content, usage, stop_reason } = message;
    const calls = content.filter((block: Json) => block.type === "tool_use");
    return {
      text: content.find((block: Json) => block.type === "text")?.text ?? null,
      calls: calls.map(({ id, name, input }: Json) => ({ id, name, input })),
      usage: {
        input: usage.input_tokens,
        output: usage.output_tokens,
        cacheRead: usage.cache_read_input_tokens,
      },
      stop: stop_reason,
    };
  },
};

/** An Anthropic message from its events, as its own clients put it together. */
function assemble(events: Json[]): Json {
  let message: Json = {};
  const inputs: string[] = [];
  for (const event of events) {
    if (event.type === "message_start") message = event.message;
    if (event.type === "content_block_start") message.content[event.index] = event.content_block;
    if (event.type === "message_delta") message = { ...message, ...event.delta, usage: event.usage };
    if (event.type !== "content_block_delta") continue;
    if (event.delta.type === "text_delta") message.content[event.index].text += event.delta.text;
    else inputs[event.index] = (inputs[event.index] ?? "") + event.delta.partial_json;
  }
  for (const [index, input] of inputs.entries()) if (input) message.content[index].input = JSON.parse(input);
  return message;
}

const responses: Format = {
  name: "responses",
  stops: { end: "completed", tool: "completed", length: "max_output_tokens", refusal: "content_filter" },
  path: () => "/v1/responses",
  body: (history, wanted) => ({
    model: "some-model",
    stream: wanted.stream,
    instructions: system(wanted),
    tools: hasTools(wanted) ? [{ type: "function", name: "read", parameters: {} }] : [],
    ...(wanted.schema ? { text: { format: { type: "json_schema", schema: wanted.schema } } } : {}),
    input: history.flatMap((past): object[] => {
      if ("user" in past) {
        return [{ type: "message", role: "user", content: [{ type: "input_text", text: past.user }] }];
      }
      return [
        { type: "reasoning", summary: [] },
        ...times(past.calls, (id) => ({
          type: "function_call",
          call_id: `c${id}`,
          name: "read",
          arguments: "{}",
        })),
        ...times(past.calls, (id) => ({
          type: "function_call_output",
          call_id: `c${id}`,
          output: "<<FAKE [] FAKE>>",
        })),
      ];
    }),
  }),
  read(text, stream) {
    const events = stream ? eventsOf(text) : [];
    const response = stream ? events.at(-1).response : (JSON.parse(text) as Json);
    const whole = response.output.find((item: Json) => item.type === "message")?.content[0].text ?? null;
    const deltas = events.filter((event) => event.type === "response.output_text.delta");
    const calls = response.output.filter((item: Json) => item.type === "function_call");
    return {
      text: stream && whole !== null ? deltas.map(({ delta }) => delta).join("") : whole,
      calls: calls.map((call: Json) => ({
        id: call.call_id,
        name: call.name,
        input: JSON.parse(call.arguments),
      })),
      usage: {
        input: response.usage.input_tokens,
        output: response.usage.output_tokens,
        cacheRead: response.usage.input_tokens_details.cached_tokens,
      },
      stop: response.incomplete_details?.reason ?? response.status,
    };
  },
};

const chat: Format = {
  name: "chat",
  stops: { end: "stop", tool: "tool_calls", length: "length", refusal: "content_filter" },
  path: () => "/v1/chat/completions",
  body: (history, wanted) => ({
    model: "some-model",
    stream: wanted.stream,
    ...(hasTools(wanted) ? { tools: [{ type: "function", function: { name: "read" } }] } : {}),
    ...(wanted.schema
      ? { response_format: { type: "json_schema", json_schema: { schema: wanted.schema } } }
      : {}),
    messages: [
      { role: "system", content: system(wanted) },
      ...history.flatMap((past): object[] => {
        if ("user" in past) return [{ role: "user", content: past.user }];
        const calls = times(past.calls, (id) => {
          return { id: `c${id}`, type: "function", function: { name: "read", arguments: "{}" } };
        });
        const results = times(past.calls, (id) => ({
          role: "tool",
          tool_call_id: `c${id}`,
          content: "<<FAKE [] FAKE>>",
        }));
        return [{ role: "assistant", content: null, tool_calls: calls }, ...results];
      }),
    ],
  }),
  read(text, stream) {
    const parts = stream ? eventsOf(text) : [JSON.parse(text) as Json];
    const choices = parts.flatMap((part) => part.choices);
    const said = choices.map((choice) => choice.delta ?? choice.message);
    const calls = said.flatMap((one) => one.tool_calls ?? []);
    const { usage } = parts.at(-1);
    return {
      text: said.map(({ content }) => content ?? "").join(""),
      calls: calls.map((call: Json) => {
        return { id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) };
      }),
      usage: {
        input: usage.prompt_tokens,
        output: usage.completion_tokens,
        cacheRead: usage.prompt_tokens_details.cached_tokens,
      },
      stop: choices.at(-1).finish_reason,
    };
  },
};

const gemini: Format = {
  name: "gemini",
  stops: { end: "STOP", tool: "STOP", length: "MAX_TOKENS", refusal: "SAFETY" },
  path: (stream) =>
    stream
      ? "/v1beta/models/some-model:streamGenerateContent?alt=sse"
      : "/v1beta/models/some-model:generateContent",
  body: (history, wanted) => ({
    systemInstruction: { parts: [{ text: system(wanted) }] },
    ...(hasTools(wanted) ? { tools: [{ functionDeclarations: [{ name: "read" }] }] } : {}),
    ...(wanted.schema ? { generationConfig: { responseJsonSchema: wanted.schema } } : {}),
    contents: history.flatMap((past): object[] => {
      if ("user" in past) return [{ role: "user", parts: [{ text: past.user }] }];
      const calls = times(past.calls, () => ({ functionCall: { name: "read", args: {} } }));
      const results = times(past.calls, () => {
        return { functionResponse: { name: "read", response: { output: "<<FAKE [] FAKE>>" } } };
      });
      return [
        { role: "model", parts: calls },
        { role: "user", parts: results },
      ];
    }),
  }),
  read(text, stream) {
    const chunks = stream ? eventsOf(text) : [JSON.parse(text) as Json];
    const parts = chunks.flatMap((chunk) => chunk.candidates[0].content.parts);
    const last = chunks.at(-1);
    return {
      text: parts.map((part: Json) => part.text ?? "").join(""),
      calls: parts
        .filter((part: Json) => part.functionCall)
        .map(({ functionCall: { id, name, args } }: Json) => ({ id, name, input: args })),
      usage: {
        input: last.usageMetadata.promptTokenCount,
        output: last.usageMetadata.candidatesTokenCount,
        cacheRead: last.usageMetadata.cachedContentTokenCount,
      },
      stop: last.candidates[0].finishReason,
    };
  },
};

export const formats: readonly Format[] = [anthropic, responses, chat, gemini];
