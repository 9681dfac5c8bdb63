/** What the flags of `run` say, checked. */
import { parseDuration } from "mai-orchestration-core";
import { type Flag, usageError, type Words } from "../command.ts";

/** @internal */
export const parallelFlag: Flag = {
  name: "parallel",
  value: "N",
  summary: "attempts at once; the plan's, else as many as the agents allow, when left out",
};
/** @internal */
export const failFastFlag: Flag = { name: "fail-fast", summary: "cancel the rest when the first task fails" };
/** @internal */
export const timeoutFlag: Flag = {
  name: "timeout",
  value: "DURATION",
  summary: "how long the whole run may take: 90s, 2h",
};
/** @internal */
export const maxCostFlag: Flag = {
  name: "max-cost",
  value: "USD",
  summary: "US dollars the run may cost in all: 5, 0.50",
};
/** @internal */
export const detachFlag: Flag = { name: "detach", summary: "go on in the background; print the run's id" };
/** @internal */
export const noWaitFlag: Flag = {
  name: "no-wait",
  summary: "stop, with 3, when only a quota or a person is waited for",
};

/** @internal */
export const requireVerifiedFlag: Flag = {
  name: "require-verified",
  summary: "exit with 1 unless every task is verified",
};

/** @internal */
export function parallelOf(words: Words): number | null {
  const text = words.value("parallel");
  if (text === undefined) return null;
  const parallel = /^[0-9]{1,7}$/.test(text) ? Number(text) : 0;
  if (parallel >= 1) return parallel;
  throw usageError(`--parallel must be a whole number from 1, not ${JSON.stringify(text)}`, "run");
}

/** Milliseconds. @internal */
export function timeoutOf(words: Words): number | null {
  const text = words.value("timeout");
  if (text === undefined) return null;
  const timeoutMs = parseDuration(text);
  if (timeoutMs !== undefined) return timeoutMs;
  throw usageError(`--timeout must be a duration such as 90s or 2h, not ${JSON.stringify(text)}`, "run");
}

/** US dollars. @internal */
export function maxCostOf(words: Words, verb: string): number | null {
  const text = words.value("max-cost");
  if (text === undefined) return null;
  const maxCostUsd = /^\$?([0-9]{1,6}(?:\.[0-9]{1,6})?)$/.exec(text)?.[1];
  if (Number(maxCostUsd) > 0) return Number(maxCostUsd);
  throw usageError(`--max-cost must be US dollars such as 5 or 0.50, not ${JSON.stringify(text)}`, verb);
}
