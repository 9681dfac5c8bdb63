/** The neutral middle: every wire format reads its requests into these shapes and writes its answers from them. */

/** @internal */
export interface Message {
  /** `tool`: nothing but results of tools. Adjacent items of one model turn are one message. */
  readonly role: "user" | "model" | "tool";
  /** Results of tools are left out. */
  readonly text: string;
}

/** @internal */
export interface ModelRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly system: string;
  readonly messages: readonly Message[];
  /** Names of the tools offered. */
  readonly tools: readonly string[];
  /** The JSON schema that the answer is asked to follow. */
  readonly schema: unknown;
}

/** What the model says in one turn. @internal */
export interface Turn {
  readonly id: string;
  readonly model: string;
  readonly text: string | null;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: object }[];
  readonly usage: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
  };
  readonly stop: "end" | "tool" | "length" | "refusal";
}

/** One server-sent event; `data` that is a string is sent as it stands. @internal */
export interface WireEvent {
  readonly event?: string;
  readonly data: unknown;
}

/** @internal */
export type FormatName = "anthropic" | "responses" | "chat" | "gemini";

/** @internal */
export interface WireFormat {
  readonly name: FormatName;
  matches(path: string): boolean;
  read(body: unknown, path: string): ModelRequest;
  /** The answer to a request that does not stream. */
  whole(turn: Turn): unknown;
  events(turn: Turn): Iterable<WireEvent>;
}

const errorTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  529: "overloaded_error",
};

/** One body that the clients of all four formats understand. @internal */
export function errorBody(status: number, message: string): unknown {
  const type = errorTypes[status] ?? "api_error";
  return { type: "error", error: { type, message, code: status, status: type.toUpperCase() } };
}

/** Cuts a text into the pieces that are streamed one by one; one empty piece for an empty text. @internal */
export function piecesOf(text: string, size: number = 64 * 1024): readonly string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; from += size) pieces.push(text.slice(from, from + size));
  return pieces.length === 0 ? [""] : pieces;
}
