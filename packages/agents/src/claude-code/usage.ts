/** What an attempt used, from its result lines. */
import { addUsage, type ModelUsage, noUsage, type Usage, unknownUsage } from "mai-orchestration-core";
import { type Json, numberOf, recordOf } from "./json.ts";

/**
 * The usage of an attempt after one more result line.
 *
 * A result's `total_cost_usd` and `modelUsage` count the whole session, also
 * what earlier attempts of it used; its `usage` leaves sub-agents out, and is 0
 * where a budget ended the work. Only `model_usage_since_last_result` is what it says.
 *
 * @param before - from earlier result lines of the same attempt
 * @param resumed - whether the attempt continued an older session
 * @internal
 */
export function usageAfter(before: Usage | null, result: Json, resumed: boolean): Usage {
  const since = recordOf(result["model_usage_since_last_result"]);
  if (since !== null) return addUsage(before ?? noUsage, sinceLast(since, result));
  const whole = recordOf(result["modelUsage"]);
  if (!resumed && whole !== null && Object.keys(whole).length > 0) return sumOfModels(whole);
  return addUsage(before ?? noUsage, ofTurn(result, resumed));
}

/**
 * The same by model; what an older version, or a resumed session, does not say stays as it was before.
 *
 * @internal
 */
export function modelsAfter(before: ModelUsage, result: Json, resumed: boolean): ModelUsage {
  const since = recordOf(result["model_usage_since_last_result"]);
  const told = since ?? (resumed ? null : recordOf(result["modelUsage"]));
  if (told === null) return before;
  const models: Record<string, Usage> = since === null ? {} : { ...before };
  for (const [name, model] of Object.entries(told)) {
    models[name] = addUsage(models[name] ?? noUsage, ofModel(recordOf(model) ?? {}));
  }
  return models;
}

function sinceLast(models: Json, result: Json): Usage {
  if (Object.keys(models).length > 0) return sumOfModels(models);
  // A call that broke off may have been charged without anyone knowing how much.
  const brokeOff = result["terminal_reason"] === "api_error" && numberOf(result["api_error_status"]) === null;
  return brokeOff ? unknownUsage : noUsage;
}

function sumOfModels(models: Json): Usage {
  return Object.values(models).reduce<Usage>(
    (sum, model) => addUsage(sum, ofModel(recordOf(model) ?? {})),
    noUsage,
  );
}

function ofModel(model: Json): Usage {
  return {
    inputTokens: numberOf(model["inputTokens"]),
    outputTokens: numberOf(model["outputTokens"]),
    cacheReadTokens: numberOf(model["cacheReadInputTokens"]),
    cacheWriteTokens: numberOf(model["cacheCreationInputTokens"]),
    costUsd: numberOf(model["costUSD"]),
  };
}

/** Older versions say no more than this. */
function ofTurn(result: Json, resumed: boolean): Usage {
  const usage = recordOf(result["usage"]);
  const costUsd = resumed ? null : numberOf(result["total_cost_usd"]);
  if (usage === null || result["is_error"] === true) return { ...unknownUsage, costUsd };
  return {
    inputTokens: numberOf(usage["input_tokens"]),
    outputTokens: numberOf(usage["output_tokens"]),
    cacheReadTokens: numberOf(usage["cache_read_input_tokens"]),
    cacheWriteTokens: numberOf(usage["cache_creation_input_tokens"]),
    costUsd,
  };
}
