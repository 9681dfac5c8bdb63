/** Reading what `codex exec --json` prints. Unknown lines are passed over. */
import type { Usage } from "mai-orchestration-core";
import { type Json, numberOf, parseLine, recordOf, recordsOf, textOf } from "../claude-code/json.ts";
import { troubled } from "../program/outcome.ts";
import { called, callOf, muttered, returned, said, type Told, wrote } from "../program/told.ts";

/** @internal */
export function foldCodex(told: Told, line: string): Told {
  const event = parseLine(line);
  if (event === null) return muttered(told, line);
  switch (event["type"]) {
    case "thread.started":
      return { ...told, sessionId: textOf(event["thread_id"]) ?? told.sessionId };
    case "item.started":
    case "item.updated":
      return started(told, recordOf(event["item"]) ?? {});
    case "item.completed":
      return completed(told, recordOf(event["item"]) ?? {});
    case "turn.completed":
      return { ...told, ending: { type: "answered" }, usage: usageOf(recordOf(event["usage"])) };
    case "turn.failed":
      return failed(told, textOf(recordOf(event["error"])?.["message"]) ?? "the turn failed");
    case "error":
      return troubledBy(told, textOf(event["message"]) ?? "");
    default:
      return told;
  }
}

function started(told: Told, item: Json): Told {
  const id = textOf(item["id"]) ?? "";
  const command = textOf(item["command"]);
  if (item["type"] !== "command_execution" || command === null) return { ...told, waits: true };
  return { ...called(told, id, { what: callOf("shell", { command }), file: null }), waits: false };
}

function completed(told: Told, item: Json): Told {
  const id = textOf(item["id"]) ?? "";
  const next = { ...told, waits: true };
  switch (item["type"]) {
    case "agent_message":
      return said(next, textOf(item["text"]) ?? "");
    case "command_execution":
      return returned(next, id, item["status"] === "declined" ? "denied" : "done");
    case "file_change":
      if (item["status"] !== "completed") return next;
      return recordsOf(item["changes"]).reduce<Told>((sum, change) => {
        const path = textOf(change["path"]);
        return path === null || change["kind"] === "delete" ? sum : wrote(sum, path);
      }, next);
    default:
      // Of type error: only warnings. The turn tells how it ended.
      return next;
  }
}

/** Errors before the end of a turn are tries of its own, with or without success. */
function troubledBy(told: Told, message: string): Told {
  const again = /^Reconnecting\.\.\. (\d+)\/\d+/.exec(message);
  return again === null ? told : { ...told, retries: told.retries + 1, now: message };
}

function failed(told: Told, message: string): Told {
  // What it says of a service that answers 5xx.
  const status = /experiencing high demand|server.?error/i.test(message) ? 503 : null;
  return troubled(told, message, { status });
}

/** @internal */
export function usageOf(usage: Json | null): Usage | null {
  if (usage === null) return null;
  const cacheReadTokens = numberOf(usage["cached_input_tokens"]);
  const cacheWriteTokens = numberOf(usage["cache_write_input_tokens"]);
  const input = numberOf(usage["input_tokens"]);
  return {
    // It counts tokens from and for caches among its input.
    inputTokens:
      input === null ? null : Math.max(0, input - (cacheReadTokens ?? 0) - (cacheWriteTokens ?? 0)),
    outputTokens: numberOf(usage["output_tokens"]),
    cacheReadTokens,
    cacheWriteTokens,
    costUsd: null,
  };
}
