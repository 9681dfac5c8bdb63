/** Reading what Claude Code prints, line by line. Unknown lines are many, and passed over. */
import type { ModelUsage, Usage } from "mai-orchestration-core";
import type { AgentReport } from "mai-orchestration-engine";
import { headOf, oneLine, outputBytes } from "../text.ts";
import { type Json, numberOf, recordOf, recordsOf, textOf } from "./json.ts";
import { modelsAfter, usageAfter } from "./usage.ts";

/** What is known after the lines so far. @internal */
export interface ClaudeStream {
  /** Whether an older session was continued. */
  readonly resumed: boolean;
  readonly sessionId: string | null;
  /** The last result line: the work is over. */
  readonly result: Json | null;
  /** `null` until a result line tells it. */
  readonly usage: Usage | null;
  readonly models: ModelUsage;
  /** What was refused, by the id of the tool's call. */
  readonly denials: Readonly<Record<string, string>>;
  /** The model that took over from an overloaded one. */
  readonly fallback: string | null;
  /** Retries that Claude Code made by itself. */
  readonly retries: number;
  /** The last that the model said. */
  readonly lastText: string;
  /** What the last message says went wrong, such as `authentication_failed`. */
  readonly messageError: string | null;
  /** Whether a usage limit is reached, and when it opens again (Unix milliseconds). */
  readonly limit: { readonly opensAt: number | null } | null;
  /** The last line that is no event, such as the complaint of a program that refuses its arguments. */
  readonly plainLine: string;
  /** Calls under way: what they do, and the file they write. */
  readonly calls: Readonly<Record<string, { readonly what: string; readonly file: string | null }>>;
  /** Files written, in order. */
  readonly written: readonly string[];
}

const mostDenials = 50;
const mostFiles = 200;

/** @internal */
export function emptyStream(resumed: boolean): ClaudeStream {
  return {
    resumed,
    ...{ sessionId: null, result: null, usage: null, models: {}, denials: {}, retries: 0, lastText: "" },
    fallback: null,
    ...{ messageError: null, limit: null, plainLine: "", calls: {}, written: [] },
  };
}

/** The stream after a line that is no event. @internal */
export function foldPlain(stream: ClaudeStream, line: string): ClaudeStream {
  return line.trim() === "" ? stream : { ...stream, plainLine: oneLine(line) };
}

/** The stream after one more event. Pure. @internal */
export function foldEvent(stream: ClaudeStream, event: Json): ClaudeStream {
  const sessionId = stream.sessionId ?? textOf(event["session_id"]);
  const known = sessionId === stream.sessionId ? stream : { ...stream, sessionId };
  switch (event["type"]) {
    case "system":
      return foldSystem(known, event);
    case "assistant":
      return foldAssistant(known, event);
    case "user":
      return foldUser(known, event);
    case "rate_limit_event":
      return foldLimit(known, recordOf(event["rate_limit_info"]) ?? {});
    case "result":
      return foldResult(known, event);
    default:
      return known;
  }
}

function foldSystem(stream: ClaudeStream, event: Json): ClaudeStream {
  if (event["subtype"] === "api_retry") return { ...stream, retries: stream.retries + 1 };
  if (event["subtype"] === "model_fallback")
    return { ...stream, fallback: textOf(event["fallback_model"]) ?? "another" };
  if (event["subtype"] !== "permission_denied") return stream;
  const id = textOf(event["tool_use_id"]) ?? "";
  return deny(stream, id, stream.calls[id]?.what ?? textOf(event["tool_name"]) ?? "a tool");
}

function foldAssistant(stream: ClaudeStream, event: Json): ClaudeStream {
  const messageError = textOf(event["error"]);
  let next = { ...stream, messageError };
  for (const block of blocksOf(event)) {
    const text = block["type"] === "text" ? textOf(block["text"]) : null;
    // A sub-agent's words are not the agent's.
    if (text !== null && event["parent_tool_use_id"] == null)
      next = { ...next, lastText: headOf(text, outputBytes) };
    const id = block["type"] === "tool_use" ? textOf(block["id"]) : null;
    if (id !== null)
      next = { ...next, calls: { ...next.calls, [id]: { what: callOf(block), file: fileOf(block) } } };
  }
  return next;
}

function foldUser(stream: ClaudeStream, event: Json): ClaudeStream {
  let next = stream;
  for (const block of blocksOf(event)) {
    const id = block["type"] === "tool_result" ? textOf(block["tool_use_id"]) : null;
    if (id === null || next.calls[id] === undefined) continue;
    const { [id]: call, ...calls } = next.calls;
    const file = block["is_error"] === true ? null : (call?.file ?? null);
    const isNew = file !== null && next.written.length < mostFiles && !next.written.includes(file);
    next = { ...next, calls, written: isNew ? [...next.written, file] : next.written };
  }
  return next;
}

function foldLimit(stream: ClaudeStream, info: Json): ClaudeStream {
  if (info["status"] !== "rejected") return stream;
  const at = numberOf(info["resetsAt"]);
  // Seconds in some versions, milliseconds in others.
  return { ...stream, limit: { opensAt: at === null ? null : at < 1e12 ? at * 1_000 : at } };
}

function foldResult(stream: ClaudeStream, event: Json): ClaudeStream {
  const usage = usageAfter(stream.usage, event, stream.resumed);
  const models = modelsAfter(stream.models, event, stream.resumed);
  let next: ClaudeStream = { ...stream, result: event, usage, models };
  for (const denial of recordsOf(event["permission_denials"])) {
    const what = callOf({ name: denial["tool_name"], input: denial["tool_input"] });
    next = deny(next, textOf(denial["tool_use_id"]) ?? what, what);
  }
  return next;
}

function deny(stream: ClaudeStream, id: string, what: string): ClaudeStream {
  if (!(id in stream.denials) && Object.keys(stream.denials).length >= mostDenials) return stream;
  return { ...stream, denials: { ...stream.denials, [id]: what } };
}

/** The oldest call that has no result yet; `null` when the model is at work itself. @internal */
export function callUnderWay({ calls }: ClaudeStream): string | null {
  return Object.values(calls)[0]?.what ?? null;
}

/** Whether the work is over; that of an interrupted program is not, although it printed a result. @internal */
export function isOver({ result }: ClaudeStream): boolean {
  return result !== null && !(textOf(result["terminal_reason"]) ?? "").startsWith("aborted");
}

/** What a line has to tell to those who watch; `null` for most lines. @internal */
export function reportOf(event: Json): AgentReport | null {
  const sessionId = textOf(event["session_id"]);
  if (event["type"] === "system" && event["subtype"] === "init")
    return sessionId === null ? null : { sessionId };
  if (event["type"] === "system" && event["subtype"] === "api_retry") {
    const status = numberOf(event["error_status"]) ?? "no answer";
    return { message: `retry ${event["attempt"]} of ${event["max_retries"]}: ${event["error"]} (${status})` };
  }
  if (event["type"] !== "assistant") return null;
  const block = blocksOf(event).at(-1);
  if (block?.["type"] === "tool_use") return { message: callOf(block) };
  const text = block?.["type"] === "text" ? textOf(block["text"]) : null;
  return text === null || text.trim() === "" ? null : { message: oneLine(text, 160) };
}

function blocksOf(event: Json): Json[] {
  return recordsOf(recordOf(event["message"])?.["content"]);
}

/** A tool's call in a few words: `Bash (npm test)`. @internal */
export function callOf(block: Json): string {
  const name = textOf(block["name"]) ?? "a tool";
  const input = recordOf(block["input"]) ?? {};
  const telling = ["command", "file_path", "notebook_path", "path", "pattern", "url", "query", "description"];
  const detail = telling.map((key) => textOf(input[key])).find((text) => text !== null && text !== "");
  return detail === undefined || detail === null ? name : `${name} (${oneLine(detail, 160)})`;
}

function fileOf(block: Json): string | null {
  const input = recordOf(block["input"]) ?? {};
  const writes = ["Write", "Edit", "MultiEdit", "NotebookEdit"].includes(textOf(block["name"]) ?? "");
  return writes ? (textOf(input["file_path"]) ?? textOf(input["notebook_path"])) : null;
}
