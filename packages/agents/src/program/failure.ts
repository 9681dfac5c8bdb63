/** What a failure of the model's service means for another try. Pure. */
import type { FailureKind } from "mai-orchestration-core";
import { oneLine } from "../text.ts";
import type { Ending } from "./told.ts";

/** A rate limit that outlasted the program's own retries is tried again after this. */
const rateLimitPauseMs = 60_000;

/** What is known of a failed request. @internal */
export interface Trouble {
  /** What the program says of it. */
  readonly text: string;
  /** The HTTP status, where it is known apart from the text. */
  readonly status?: number | null;
  /** Seconds or a date, as HTTP has it. */
  readonly retryAfter?: string | null;
  /** Unix milliseconds. */
  readonly now: number;
}

/** @internal */
export function failureOf({ text, status = null, retryAfter = null, now }: Trouble): Ending {
  const code = status ?? statusIn(text);
  const kind = kindOf(code, text);
  const opensAt = kind === "quota" ? (afterHeader(retryAfter, now) ?? opensIn(text, now)) : null;
  const pause = kind === "quota" && code === 429 && !usedUp.test(text) ? now + rateLimitPauseMs : null;
  const retryAt = opensAt ?? pause;
  const reason = oneLine(messageIn(text)) || `status ${code ?? "unknown"}`;
  return { type: "failed", kind, reason, ...(retryAt !== null && { retryAt }), refused: code !== null };
}

function kindOf(status: number | null, text: string): FailureKind {
  if (status === 401 || status === 403 || noLogin.test(text)) return "login";
  if (status === 429 || status === 402 || usedUp.test(text)) return "quota";
  // Without a status nobody answered; with these the service, not the request, was at fault.
  if (status === null || status >= 500 || status === 408 || status === 409) return "transient";
  return "permanent";
}

/** @internal */
export const noLogin: RegExp =
  /not logged in|please (log|sign) ?in|log(ging)? in (again|first)|no auth|auth(entication)? (method|required|type)|unauthori[sz]ed|(invalid|incorrect|missing|no) api.?key|api.?key (is |was )?(not valid|invalid|missing|not found|required)|no credentials/i;
const usedUp =
  /usage limit|quota (exceeded|exhausted|reached)|exceeded your (current )?quota|daily (limit|quota)|credit balance|insufficient (credit|quota|balance|funds)|out of credits|limit reached|hit your [\w -]*limit/i;

/** The status that a message names. */
function statusIn(text: string): number | null {
  const found =
    /"code":\s*([45]\d\d)\b/.exec(text) ??
    /\bstatus(?: code)?:? ([45]\d\d)\b/i.exec(text) ??
    /\bAPI Error: ([45]\d\d)\b/.exec(text) ??
    /^([45]\d\d)\b/.exec(text);
  return found === null ? null : Number(found[1]);
}

/** The sentence in a message that is JSON, or wraps some. */
function messageIn(text: string): string {
  const found = /"message":\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  if (found === undefined) return text;
  try {
    return String(JSON.parse(found)) || text;
  } catch {
    return text;
  }
}

function afterHeader(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^\d+(\.\d+)?$/.test(value)) return now + Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : date;
}

const units: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

/** "try again in 2 days 3 hours", "reset after 18h31m10s", `"retryDelay": "34s"`. */
function opensIn(text: string, now: number): number | null {
  const span =
    /(?:try again|retry|resets?|retryDelay)[^\d]{1,12}((?:\d+(?:\.\d+)?\s*[a-z]+[\s,]*(?:and )?)+)/i;
  const stated = span.exec(text)?.[1];
  if (stated === undefined) return null;
  const parts = stated.matchAll(
    /(\d+(?:\.\d+)?)\s*(d|h|m|s)(?:ays?|(?:ou)?rs?|in(?:ute)?s?|ec(?:ond)?s?)?\b|(\d+)([dhms])(?=\d)/gi,
  );
  let ms = 0;
  for (const [, amount, unit, glued, gluedUnit] of parts)
    ms += Number(amount ?? glued) * (units[(unit ?? gluedUnit ?? "").toLowerCase()] ?? 0);
  return ms === 0 ? null : now + ms;
}
