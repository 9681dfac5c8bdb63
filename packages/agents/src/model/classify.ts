/** What the end of a conversation with a model means for its task. Pure. */
import { type FailureKind, messageOf } from "mai-orchestration-core";
import { recordOf, textOf } from "../claude-code/json.ts";
import { oneLine } from "../text.ts";

/** @internal */
export interface ModelFailure {
  readonly kind: FailureKind;
  readonly reason: string;
  readonly retryAt?: number;
  /** Whether the service refused the request, so that it cannot have cost anything. */
  readonly refused: boolean;
}

/** A rate limit that names no time is tried again after this. */
const rateLimitPauseMs = 60_000;
const usedUp =
  /credit balance|insufficient (credit|quota|balance|funds)|exceeded your current quota|usage limit/i;

/**
 * @param now - Unix milliseconds
 * @internal
 */
export function failureOf(thrown: unknown, now: number): ModelFailure {
  const error = innermost(thrown);
  const { name, statusCode, responseHeaders } = recordOf(error) ?? {};
  const status = typeof statusCode === "number" ? statusCode : null;
  const text = oneLine(messageOf(error)) || "the model's service failed without a message";
  const reason = status === null ? text : `${text} (${status})`;
  const kind = kindOf(status, nameOf(error, name), text);
  const refused = status !== null || kind === "login" || kind === "permanent";
  if (kind !== "quota") return { kind, reason, refused };
  return { kind, reason, refused, retryAt: opensAt(recordOf(responseHeaders) ?? {}, now) };
}

/** The SDK wraps what remained after its own retries. */
function innermost(error: unknown): unknown {
  const last: unknown = recordOf(error)?.["lastError"];
  return last === undefined ? error : innermost(last);
}

function nameOf(error: unknown, name: unknown): string {
  return textOf(name) ?? (error instanceof Error ? error.name : "");
}

function kindOf(status: number | null, name: string, text: string): FailureKind {
  if (status === 401 || status === 403 || name === "AI_LoadAPIKeyError") return "login";
  if (status === 429 || status === 402 || usedUp.test(text)) return "quota";
  // Without a status nobody answered; with these the service, not the request, was at fault.
  if (status === null) return permanentNames.has(name) ? "permanent" : "transient";
  return status >= 500 || status === 408 || status === 409 || status < 400 ? "transient" : "permanent";
}

const permanentNames = new Set([
  ...["AI_NoSuchModelError", "AI_LoadSettingError", "AI_UnsupportedFunctionalityError"],
  ...["AI_InvalidPromptError", "AI_InvalidArgumentError", "AI_UnsupportedModelVersionError"],
]);

function opensAt(headers: Readonly<Record<string, unknown>>, now: number): number {
  const after = textOf(headers["retry-after"]);
  if (after === null) return now + rateLimitPauseMs;
  const seconds = Number(after);
  if (Number.isFinite(seconds)) return now + Math.max(0, seconds) * 1_000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? now + rateLimitPauseMs : date;
}

/**
 * How a conversation that came to its end by itself is to be taken; `null`: as an answer.
 *
 * @internal
 */
export function unfinished(finishReason: string, maxTurns: number): Omit<ModelFailure, "refused"> | null {
  switch (finishReason) {
    case "tool-calls":
      return { kind: "task", reason: `not done after ${maxTurns} turns of the model` };
    case "length":
      return { kind: "task", reason: "the model's last message was cut off at its longest" };
    case "content-filter":
      return { kind: "permanent", reason: "the model refused the task" };
    case "error":
      return { kind: "transient", reason: "the model's service broke off" };
    default:
      return null;
  }
}
