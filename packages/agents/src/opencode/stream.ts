/** Reading what `opencode run --format json` prints. Unknown lines are passed over. */
import { addUsage, noUsage, type Usage } from "mai-orchestration-core";
import { type Json, numberOf, parseLine, recordOf, textOf } from "../claude-code/json.ts";
import { troubled } from "../program/outcome.ts";
import { called, callOf, muttered, returned, said, type Told } from "../program/told.ts";

/** @internal */
export function foldOpenCode(told: Told, line: string): Told {
  const event = parseLine(line);
  if (event === null) return muttered(told, line);
  const next = { ...told, sessionId: textOf(event["sessionID"]) ?? told.sessionId };
  const part = recordOf(event["part"]) ?? {};
  switch (event["type"]) {
    case "step_start":
      // From here on its tools may run, of which it tells only when they are over.
      return { ...next, waits: false };
    case "text":
      return said(next, textOf(part["text"]) ?? "");
    case "tool_use":
      return used(next, part);
    case "step_finish":
      return finished(next, part);
    case "error":
      return failed(next, recordOf(event["error"]) ?? {});
    default:
      return next;
  }
}

const writers = ["write", "edit", "patch", "multiedit"];
/** A tool that may never be used is not offered; asked for all the same, it was refused. */
const refusal =
  /unavailable tool|rule which prevents you|rejected permission|permission (was )?(denied|rejected)/i;

/** A call is told when it is over. */
function used(told: Told, part: Json): Told {
  const state = recordOf(part["state"]) ?? {};
  const input = recordOf(state["input"]) ?? {};
  const name = textOf(part["tool"]) ?? "a tool";
  const id = textOf(part["callID"]) ?? "";
  const file = writers.includes(name) ? textOf(input["filePath"]) : null;
  const next = called(told, id, { what: callOf(name, input), file });
  if (state["status"] !== "error") return returned(next, id, "done");
  return returned(next, id, refusal.test(textOf(state["error"]) ?? "") ? "denied" : "failed");
}

function finished(told: Told, part: Json): Told {
  const usage = addUsage(told.usage ?? noUsage, usageOf(part));
  const next: Told = { ...told, usage, waits: true };
  const reason = textOf(part["reason"]);
  switch (reason) {
    case "tool-calls":
      return next;
    case "stop":
      return { ...next, ending: { type: "answered" } };
    case "length":
      return ended(next, "task", "its model's answer was cut off at its longest");
    case "content-filter":
      return ended(next, "permanent", "the model refused the task");
    default:
      return ended(next, "transient", `its model stopped: ${reason ?? "no reason given"}`);
  }
}

function ended(told: Told, kind: "task" | "permanent" | "transient", reason: string): Told {
  return { ...told, ending: { type: "failed", kind, reason, refused: true } };
}

function usageOf(part: Json): Usage {
  const tokens = recordOf(part["tokens"]) ?? {};
  const cache = recordOf(tokens["cache"]) ?? {};
  const inputTokens = numberOf(tokens["input"]);
  const cacheReadTokens = numberOf(cache["read"]);
  const cacheWriteTokens = numberOf(cache["write"]);
  const total = numberOf(tokens["total"]);
  const isWhole =
    total !== null && inputTokens !== null && cacheReadTokens !== null && cacheWriteTokens !== null;
  // Reasoning is output too; of a total, it is what remains.
  const outputTokens = isWhole
    ? total - inputTokens - cacheReadTokens - cacheWriteTokens
    : numberOf(tokens["output"]);
  // It says 0 where it knows no price.
  const costUsd = numberOf(part["cost"]) || null;
  return { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd };
}

function failed(told: Told, error: Json): Told {
  const data = recordOf(error["data"]) ?? {};
  const text = textOf(data["message"]) ?? textOf(error["name"]) ?? "an error";
  const headers = recordOf(data["responseHeaders"]) ?? {};
  const status = numberOf(data["statusCode"]) ?? (error["name"] === "ProviderAuthError" ? 401 : null);
  return troubled(told, text, { status, retryAfter: textOf(headers["retry-after"]) });
}
