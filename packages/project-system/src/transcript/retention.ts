/** How much of a transcript is kept while it is read, so that memory is bounded however long it is. */
import { cut } from "../text.ts";

/** @internal */
export interface Retention {
  readonly maxCalls: number;
  readonly maxMessages: number;
  readonly maxMessageChars: number;
  readonly maxResultChars: number;
  /** Of all text in the parameters of one call. */
  readonly maxParamsChars: number;
}

/** A text that is in memory anyway is kept whole. @internal */
export const keepAll: Retention = {
  maxCalls: Number.POSITIVE_INFINITY,
  maxMessages: Number.POSITIVE_INFINITY,
  maxMessageChars: Number.POSITIVE_INFINITY,
  maxResultChars: Number.POSITIVE_INFINITY,
  maxParamsChars: Number.POSITIVE_INFINITY,
};

/** @internal */
export const keepNewest: Retention = {
  maxCalls: 2_000,
  maxMessages: 200,
  maxMessageChars: 4_000,
  maxResultChars: 1_000,
  maxParamsChars: 2_000,
};

/** Adds to a list that keeps its newest `max`. It may grow to twice that between, which makes adding cheap. @internal */
export function keep<Item>(list: Item[], item: Item, max: number): void {
  list.push(item);
  if (list.length >= max * 2) list.splice(0, list.length - max);
}

/**
 * The same parameters with about `maxChars` of text in them, and never deep.
 * Short texts at the top, such as a path, are kept before long ones get room.
 *
 * @internal
 */
export function trimParams(params: Record<string, unknown>, maxChars: number): Record<string, unknown> {
  if (maxChars === Number.POSITIVE_INFINITY) return params;
  const budget = { left: maxChars };
  const entries = Object.entries(params).slice(0, maxKeys);
  const isShort = (value: unknown): boolean =>
    typeof value !== "object" && String(value).length <= maxShortChars;
  const short = new Map(
    entries.flatMap(([key, value]) => (isShort(value) ? [[key, trim(value, 0, budget)]] : [])),
  );
  return Object.fromEntries(
    entries.map(([key, value]) => [cut(key, 200), short.has(key) ? short.get(key) : trim(value, 0, budget)]),
  );
}

const maxKeys = 100;
const maxShortChars = 500;
const maxDepth = 6;

function trim(value: unknown, depth: number, budget: { left: number }): unknown {
  budget.left -= 8;
  if (typeof value === "string") {
    const kept = cut(value, Math.max(0, budget.left));
    budget.left -= kept.length;
    return kept;
  }
  if (typeof value !== "object" || value === null) return value;
  if (depth === maxDepth) return null;
  const room = Math.max(0, Math.floor(budget.left / 8));
  if (Array.isArray(value)) return value.slice(0, room).map((each) => trim(each, depth + 1, budget));
  const entries = Object.entries(value).slice(0, Math.min(room, maxKeys));
  return Object.fromEntries(entries.map(([key, each]) => [cut(key, 200), trim(each, depth + 1, budget)]));
}
