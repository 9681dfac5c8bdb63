/** The SDK's usage in our classes. */
import type { LanguageModelUsage } from "ai";
import type { Usage } from "mai-orchestration-core";

/** The usage of one turn. The SDK knows no prices. @internal */
export function usageOf({ inputTokens, inputTokenDetails, outputTokens }: LanguageModelUsage): Usage {
  const cacheReadTokens = inputTokenDetails?.cacheReadTokens ?? null;
  const cacheWriteTokens = inputTokenDetails?.cacheWriteTokens ?? null;
  const rest =
    inputTokens === undefined ? null : inputTokens - (cacheReadTokens ?? 0) - (cacheWriteTokens ?? 0);
  return {
    inputTokens: inputTokenDetails?.noCacheTokens ?? rest,
    outputTokens: outputTokens ?? null,
    cacheReadTokens,
    cacheWriteTokens,
    costUsd: null,
  };
}
