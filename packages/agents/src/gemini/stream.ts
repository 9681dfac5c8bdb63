/** Reading what `gemini -o stream-json` prints. Unknown lines are passed over. */
import type { Usage } from "mai-orchestration-core";
import { type Json, numberOf, parseLine, recordOf, textOf } from "../claude-code/json.ts";
import { troubled } from "../program/outcome.ts";
import { called, callOf, muttered, returned, said, type Told } from "../program/told.ts";

/** Its own ten tries hide an outage for minutes; whether to try again is the engine's to decide. */
const mostRetries = 2;

/** @internal */
export function foldGemini(told: Told, line: string): Told {
  const event = parseLine(line);
  if (event === null) return foldComplaint(told, line);
  switch (event["type"]) {
    case "init":
      return { ...told, sessionId: textOf(event["session_id"]) ?? told.sessionId };
    case "message":
      return event["role"] === "assistant" ? foldMessage(told, event) : told;
    case "tool_use":
      return use(told, event);
    case "tool_result":
      return result(told, event);
    case "error":
      return event["severity"] === "error" ? muttered(told, textOf(event["message"]) ?? "") : told;
    case "result":
      return end(told, event);
    default:
      return told;
  }
}

/** On stderr it tells of each try that failed. */
function foldComplaint(told: Told, line: string): Told {
  const failed = /^Attempt \d+ failed(?: with status (\d+))?/.exec(line);
  if (failed === null)
    return /^\s+(at|\[?cause|status:|code:)\b|^[{}\]]/.test(line) ? told : muttered(told, line);
  const next = { ...muttered(told, line), retries: told.retries + 1 };
  if (next.retries <= mostRetries) return next;
  const status = failed[1] === undefined ? null : Number(failed[1]);
  return troubled(next, /"message":/.test(line) ? line : `its model answered ${status ?? "nothing"}`, {
    status,
  });
}

/** Pieces of one message follow each other. */
function foldMessage(told: Told, event: Json): Told {
  const content = textOf(event["content"]) ?? "";
  const goesOn = event["delta"] === true && told.speaking;
  return { ...said(told, goesOn ? told.text + content : content), speaking: true, waits: true };
}

function use(told: Told, event: Json): Told {
  const input = recordOf(event["parameters"]) ?? {};
  const name = textOf(event["tool_name"]) ?? "a tool";
  const file = ["write_file", "replace"].includes(name) ? textOf(input["file_path"]) : null;
  const id = textOf(event["tool_id"]) ?? "";
  return { ...called(told, id, { what: callOf(name, input), file }), speaking: false, waits: false };
}

/** A tool that the mode hides does not exist for it; asked for all the same, it was refused. */
const refusals = ["policy_violation", "tool_not_registered"];

function result(told: Told, event: Json): Told {
  const id = textOf(event["tool_id"]) ?? "";
  const error = recordOf(event["error"]) ?? {};
  const isRefused =
    refusals.includes(textOf(error["type"]) ?? "") || /^access denied/i.test(textOf(error["message"]) ?? "");
  const how = event["status"] === "success" ? "done" : isRefused ? "denied" : "failed";
  const next = returned(told, id, how);
  return { ...next, waits: Object.keys(next.calls).length === 0 };
}

function end(told: Told, event: Json): Told {
  const next = { ...told, usage: usageOf(recordOf(event["stats"])) };
  if (event["status"] === "success") return { ...next, ending: { type: "answered" } };
  const error = recordOf(event["error"]) ?? {};
  const message = (textOf(error["message"]) ?? "an error").replace(/^\[API Error: ([\s\S]*)\]$/, "$1");
  const kind = textOf(error["type"]) ?? "";
  if (/max.*turns/i.test(kind) || /loop detected/i.test(message))
    return { ...next, ending: { type: "failed", kind: "task", reason: message, refused: true } };
  return troubled(next, message, { status: numberOf(error["code"]) });
}

function usageOf(stats: Json | null): Usage | null {
  if (stats === null) return null;
  const prompt = numberOf(stats["input_tokens"]);
  const total = numberOf(stats["total_tokens"]);
  const cacheReadTokens = numberOf(stats["cached"]);
  return {
    inputTokens: numberOf(stats["input"]) ?? (prompt === null ? null : prompt - (cacheReadTokens ?? 0)),
    // Thoughts are output that only the total counts.
    outputTokens: prompt === null || total === null ? numberOf(stats["output_tokens"]) : total - prompt,
    cacheReadTokens,
    // Its model's service caches by itself and bills no writing.
    cacheWriteTokens: 0,
    costUsd: null,
  };
}
