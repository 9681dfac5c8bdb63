/** Reading what an ACP agent says of its work. Unknown messages are passed over. Pure. */
import type { Usage } from "mai-orchestration-core";
import { type Json, numberOf, recordOf, recordsOf, textOf } from "../claude-code/json.ts";
import { called, returned, said, type Told } from "../program/told.ts";
import type { KnownAgent } from "./agents.ts";

/** After one `session/update`. @internal */
export function foldUpdate(told: Told, update: Json): Told {
  switch (update["sessionUpdate"]) {
    case "agent_message_chunk": {
      const text = textOf(recordOf(update["content"])?.["text"]) ?? "";
      return { ...said(told, told.speaking ? told.text + text : text), speaking: true, waits: true };
    }
    case "agent_thought_chunk":
      return { ...told, speaking: false, waits: true };
    case "tool_call":
    case "tool_call_update":
      return foldCall({ ...told, speaking: false }, update);
    default:
      return told;
  }
}

function foldCall(told: Told, update: Json): Told {
  const id = textOf(update["toolCallId"]) ?? "";
  const known = told.calls[id];
  const title = textOf(update["title"]) ?? known?.what ?? "a tool";
  const path = textOf(recordsOf(update["locations"])[0]?.["path"]);
  const file = update["kind"] === "edit" && path !== null ? path : (known?.file ?? null);
  const next = called(told, id, { what: title, file });
  const status = textOf(update["status"]);
  const after =
    status === "completed"
      ? returned(next, id, "done")
      : status === "failed"
        ? returned(next, id, "failed")
        : next;
  return { ...after, waits: Object.keys(after.calls).length === 0 };
}

/** What a turn used, as far as this agent can be believed. @internal */
export function usageOfTurn(
  agent: Pick<KnownAgent, "tokens">,
  response: Json,
  costUsd: number | null,
): Usage | null {
  const quota = recordOf(recordOf(recordOf(response["_meta"])?.["quota"])?.["token_count"]);
  const usage = recordOf(response["usage"]);
  if (agent.tokens === "none" || (quota === null && usage === null))
    return costUsd === null ? null : { ...noTokens, costUsd };
  // Gemini's count of what was read includes what came from its cache, which it does not tell apart.
  if (usage === null) return { ...noTokens, outputTokens: numberOf(quota?.["output_tokens"]), costUsd };
  return {
    inputTokens: numberOf(usage["inputTokens"]),
    outputTokens: numberOf(usage["outputTokens"]),
    cacheReadTokens: numberOf(usage["cachedReadTokens"]),
    cacheWriteTokens: numberOf(usage["cachedWriteTokens"]),
    costUsd,
  };
}

const noTokens: Usage = {
  ...{ inputTokens: null, outputTokens: null, cacheReadTokens: null, cacheWriteTokens: null },
  costUsd: null,
};

/** What a session cost so far, of a `usage_update`; `null` when it does not tell, or knows no price. @internal */
export function costOf(update: Json): number | null {
  const cost = recordOf(update["cost"]);
  return update["sessionUpdate"] === "usage_update" && cost?.["currency"] === "USD"
    ? numberOf(cost["amount"]) || null
    : null;
}
