/** Reading what `qwen --output-format stream-json` prints: close to Claude Code's lines, not the same. Unknown lines are passed over. */
import type { Usage } from "mai-orchestration-core";
import { type Json, numberOf, parseLine, recordOf, recordsOf, textOf } from "../claude-code/json.ts";
import { troubled } from "../program/outcome.ts";
import { called, callOf, denied, muttered, returned, said, type Told } from "../program/told.ts";

/** @internal */
export function foldQwen(told: Told, line: string): Told {
  const event = parseLine(line);
  if (event === null) return muttered(told, line);
  const next = { ...told, sessionId: textOf(event["session_id"]) ?? told.sessionId };
  switch (event["type"]) {
    case "system":
      return event["subtype"] === "retry" ? { ...next, retries: next.retries + 1 } : next;
    case "assistant":
      return foldAssistant(next, event);
    case "user":
      return foldUser(next, event);
    case "result":
      return foldResult(next, event);
    default:
      return next;
  }
}

const writers = ["write_file", "edit", "notebook_edit"];

function foldAssistant(told: Told, event: Json): Told {
  let next = told;
  for (const block of blocksOf(event)) {
    const text = block["type"] === "text" ? textOf(block["text"]) : null;
    // A sub-agent's words are not the agent's.
    if (text !== null && event["parent_tool_use_id"] == null) next = said(next, text);
    const id = block["type"] === "tool_use" ? textOf(block["id"]) : null;
    if (id === null) continue;
    const name = textOf(block["name"]) ?? "a tool";
    const input = recordOf(block["input"]) ?? {};
    const file = writers.includes(name) ? textOf(input["file_path"]) : null;
    next = { ...called(next, id, { what: callOf(name, input), file }), waits: false };
  }
  return next;
}

function foldUser(told: Told, event: Json): Told {
  let next = told;
  for (const block of blocksOf(event)) {
    const id = block["type"] === "tool_result" ? textOf(block["tool_use_id"]) : null;
    if (id !== null) next = returned(next, id, howOf(block));
  }
  return { ...next, waits: Object.keys(next.calls).length === 0 };
}

function howOf(block: Json): "done" | "failed" | "denied" {
  if (block["is_error"] !== true) return "done";
  return /requires permission to use|denied by permission rules/i.test(textOf(block["content"]) ?? "")
    ? "denied"
    : "failed";
}

function foldResult(told: Told, event: Json): Told {
  let next: Told = { ...told, usage: usageOf(recordOf(event["usage"])) };
  for (const denial of recordsOf(event["permission_denials"])) {
    const what = callOf(textOf(denial["tool_name"]) ?? "a tool", recordOf(denial["tool_input"]) ?? {});
    next = denied(next, textOf(denial["tool_use_id"]) ?? what, what);
  }
  if (event["is_error"] === false) {
    const text = textOf(event["result"]);
    return { ...(text === null || text === "" ? next : said(next, text)), ending: { type: "answered" } };
  }
  const message = textOf(recordOf(event["error"])?.["message"]) ?? textOf(event["result"]) ?? "an error";
  const subtype = textOf(event["subtype"]) ?? "";
  if (/max_/.test(subtype))
    return { ...next, ending: { type: "failed", kind: "task", reason: message, refused: true } };
  // The text it puts in the model's mouth is no answer.
  const isEcho = next.text.startsWith("[API Error");
  return troubled(isEcho ? { ...next, text: "" } : next, message.replace(/^\[([\s\S]*)\]$/, "$1"));
}

function blocksOf(event: Json): Json[] {
  return recordsOf(recordOf(event["message"])?.["content"]);
}

function usageOf(usage: Json | null): Usage | null {
  if (usage === null) return null;
  const input = numberOf(usage["input_tokens"]);
  const cacheReadTokens = numberOf(usage["cache_read_input_tokens"]);
  return {
    // It counts tokens from the cache among its input.
    inputTokens: input === null ? null : Math.max(0, input - (cacheReadTokens ?? 0)),
    outputTokens: numberOf(usage["output_tokens"]),
    cacheReadTokens,
    // It tells of none, and its model's service bills no writing apart.
    cacheWriteTokens: 0,
    costUsd: null,
  };
}
