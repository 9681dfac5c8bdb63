/** What every outcome of an agent must look like, whatever happened. */
import assert from "node:assert/strict";
import type { Usage } from "mai-orchestration-core";
import type { AgentOutcome } from "mai-orchestration-engine";

const maxOutputBytes = 64 * 1024;
const failureKinds = ["task", "check", "timeout", "transient", "permanent", "quota", "login"];
const usageClasses = [
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheWriteTokens",
  "costUsd",
] as const;

/** Throws when it does not. @internal */
export function assertShape(outcome: AgentOutcome): void {
  assert.equal(typeof outcome?.output, "string", "an outcome has an output");
  assert.ok(Buffer.byteLength(outcome.output) <= maxOutputBytes, "output is at most 64 KB");
  for (const name of usageClasses) assertAmount(outcome.usage, name);
  if (outcome.type === "answered") return;
  assert.equal(outcome.type, "failed", "an outcome is answered or failed");
  assert.match(outcome.reason, /^[^\n]+$/, "a reason is one line");
  assert.ok(failureKinds.includes(outcome.kind), `${outcome.kind} is no kind of failure`);
}

function assertAmount(usage: Usage | undefined, name: keyof Usage): void {
  const amount = usage?.[name];
  const isAmount = typeof amount === "number" && Number.isFinite(amount) && amount >= 0;
  assert.ok(amount === null || isAmount, `usage.${name} is ${amount}, neither an amount nor null`);
}
