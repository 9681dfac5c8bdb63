/** From a request to its answer. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { anthropic } from "./anthropic.ts";
import { chat } from "./chat.ts";
import { gemini } from "./gemini.ts";
import { readBody, sendEvents, sendJson, waitUnlessGone } from "./http.ts";
import { objectOf } from "./json.ts";
import { responses } from "./responses.ts";
import type { FakeUsage } from "./script.ts";
import type { Reply } from "./turn.ts";
import { errorIsDue, replyTo, turnOf, usageOf } from "./turn.ts";
import type { FormatName, WireFormat } from "./wire.ts";
import { errorBody } from "./wire.ts";

/** What was asked and how it was answered. @public */
export interface RecordedRequest {
  /** Unix milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** `null` for anything but a request for a turn. */
  readonly format: FormatName | null;
  readonly kind: Reply["kind"] | "other";
  readonly model: string;
  readonly tools: readonly string[];
  /** The prompt that the turn answers, without scripts; its first 16,384 characters. */
  readonly prompt: string;
  /** All text of the conversation, results of tools and what hooks add to them included; the last 16,384 characters. */
  readonly heard: string;
  readonly attempt: number | null;
  /** The index of the step in its script. */
  readonly step: number | null;
  /** The status that was answered. */
  readonly status: number;
  /** What the answer said that it used; `null` when no answer was given to its end. */
  readonly usage: Required<FakeUsage> | null;
}

/** What one server keeps. @internal */
export interface Session {
  readonly maxRequestBytes: number;
  readonly closing: AbortController;
  readonly errorsGiven: Map<string, number>;
  newId(): string;
  record(request: RecordedRequest): void;
}

const formats: readonly WireFormat[] = [anthropic, responses, chat, gemini];

/** Answers one request. @internal */
export async function handle(
  session: Session,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "GET", url = "/" } = request;
  const path = url.split("?", 1)[0] ?? "/";
  const seen = { ...nothingSeen, at: Date.now(), method, path };
  const body = await readBody(request, session.maxRequestBytes);
  const format = method === "POST" ? formats.find((candidate) => candidate.matches(path)) : undefined;
  if (!body.ok || format === undefined) {
    const [status, answer] = body.ok
      ? answerOther(method, path)
      : [body.status, errorBody(body.status, body.problem)];
    session.record({ ...seen, status });
    return sendJson(response, status, method === "HEAD" ? null : answer);
  }

  const asked = format.read(body.value, path);
  const reply = replyTo(asked);
  const isError = countError(session, reply);
  const { kind, attempt, index: step } = reply;
  const { model, tools } = asked;
  const status = isError ? (reply.step.error ?? 500) : 200;
  const prompt = reply.prompt.slice(0, 16_384);
  const heard = heardIn(body.value);

  const { delayMs, headers = {}, hang, cut } = reply.step;
  const usage = isError || hang || cut ? null : usageOf(reply.step);
  session.record({
    ...seen,
    format: format.name,
    kind,
    model,
    tools,
    prompt,
    heard,
    attempt,
    step,
    status,
    usage,
  });

  if (delayMs !== undefined) await waitUnlessGone(delayMs, response, session.closing.signal);
  if (response.destroyed) return;
  if (isError)
    return sendJson(response, status, errorBody(status, reply.step.text ?? `fake ${status}`), headers);

  const turn = turnOf(reply.step, model, session.newId);
  if (!asked.stream && !hang && !cut) return sendJson(response, 200, format.whole(turn));
  await sendEvents(response, format.events(turn), hang ? "hang" : cut ? "cut" : "end");
}

/** Every provider's form of a conversation is a list under one of these names, with its texts at any depth. */
function heardIn(body: unknown): string {
  const { messages, input, contents } = objectOf(body);
  const texts = [...textsIn(messages ?? input ?? contents)];
  // Copied: a view of so long a text would keep all of it.
  return Buffer.from(texts.join("\n").slice(-16_384)).toString();
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    if (typeof part !== "string") yield* textsIn(part);
    else if (key === "text" || key === "content" || key === "output") yield part;
  }
}

const nothingSeen = {
  format: null,
  kind: "other",
  model: "",
  tools: [],
  prompt: "",
  heard: "",
  attempt: null,
  step: null,
  usage: null,
} as const;

const maxCounted = 10_000;

/** Says whether the reply is its error and, where the script limits how often, counts it. */
function countError(session: Session, reply: Reply): boolean {
  if (reply.step.times === undefined) return errorIsDue(reply, 0);
  const conversation = JSON.stringify([reply.prompt, reply.attempt, reply.index, reply.step]);
  const key = createHash("sha256").update(conversation).digest("base64");
  const given = session.errorsGiven.get(key) ?? 0;
  const isDue = errorIsDue(reply, given);
  if (!isDue) return false;
  session.errorsGiven.set(key, given + 1);
  const [oldest] = session.errorsGiven.keys();
  if (session.errorsGiven.size > maxCounted && oldest !== undefined) session.errorsGiven.delete(oldest);
  return true;
}

/** What clients ask beside turns. */
function answerOther(method: string, path: string): readonly [status: number, answer: unknown] {
  if (method === "HEAD") return [200, null];
  if (path.endsWith("/count_tokens")) return [200, { input_tokens: 10 }];
  if (path.endsWith(":countTokens")) return [200, { totalTokens: 10 }];
  if (path.endsWith("/models"))
    return [200, { object: "list", data: [{ id: "fake-model", object: "model" }], models: [] }];
  return [404, errorBody(404, `The fake model does not know ${method} ${path}`)];
}
