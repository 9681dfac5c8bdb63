/** Tokens and money. Unknown is `null`, never 0: a sum with an unknown part is unknown. */

/** Tokens by class and cost of one attempt, or of several summed. @public */
export interface Usage {
  /** Tokens read that were in no cache. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadTokens: number | null;
  readonly cacheWriteTokens: number | null;
  /** US dollars, as the agent's own program states them. */
  readonly costUsd: number | null;
}

/** The usage of work whose usage nobody stated. @public */
export const unknownUsage: Usage = {
  inputTokens: null,
  outputTokens: null,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  costUsd: null,
};

/** The usage of work that certainly used no model. @public */
export const noUsage: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0,
};

/** Usage by the name of the model that caused it, as the agent's program calls it. @public */
export type ModelUsage = Readonly<Record<string, Usage>>;

/** Adds two usages class by class; a class that is unknown in either is unknown in the sum. @public */
export function addUsage(a: Usage, b: Usage): Usage {
  // Work without a model is by far the most common summand; skip five additions for it.
  if (a === noUsage) return b;
  if (b === noUsage) return a;
  return {
    inputTokens: add(a.inputTokens, b.inputTokens),
    outputTokens: add(a.outputTokens, b.outputTokens),
    cacheReadTokens: add(a.cacheReadTokens, b.cacheReadTokens),
    cacheWriteTokens: add(a.cacheWriteTokens, b.cacheWriteTokens),
    costUsd: add(a.costUsd, b.costUsd),
  };
}

/** What is known of a sum although parts are unknown: a lower bound, with the number of unknown parts. @public */
export interface KnownCost {
  readonly atLeastUsd: number;
  readonly unknownParts: number;
}

/** Sums costs without hiding that some are unknown. @public */
export function sumKnownCosts(costs: Iterable<number | null>): KnownCost {
  let atLeastUsd = 0;
  let unknownParts = 0;
  for (const cost of costs) {
    if (cost === null) unknownParts++;
    else atLeastUsd += cost;
  }
  return { atLeastUsd, unknownParts };
}

function add(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
