/** What became of an attempt: from how the program ended and what it printed. Pure. */
import { type FailureKind, noUsage, type Usage, unknownUsage } from "mai-orchestration-core";
import type { AgentOutcome } from "mai-orchestration-engine";
import type { ProcessEnd } from "../process/process-options.ts";
import { programFacts } from "../program/programs.ts";
import { headOf, oneLine, outputBytes } from "../text.ts";
import { type Json, numberOf, textOf } from "./json.ts";
import type { ClaudeStream } from "./stream.ts";

const { installCommand, loginRemedy } = programFacts["claude-code"];

/** What of a process's end the classification needs. @internal */
export type ClaudeEnd = Pick<ProcessEnd, "cause" | "exitCode" | "exitSignal" | "startFailure" | "endedAt">;

/** A rate limit that outlasted the program's own retries is tried again after this. */
const rateLimitPauseMs = 60_000;

/**
 * Success is exit code 0, a result line, and no error in it; nothing less. A
 * result line is the end of the work, so a program that we had to end after it
 * counts like one that exited by itself.
 *
 * @internal
 */
export function classify(end: ClaudeEnd, stream: ClaudeStream): AgentOutcome {
  if (end.cause === "not-started") return notStarted(end, stream);
  if (end.cause === "aborted") return failed(stream, "task", "ended on request");
  const { result } = stream;
  if (result === null) return withoutResult(end, stream);
  if (result["is_error"] !== false) return failedResult(end, stream, result);
  if (result["stop_reason"] === "refusal") return failed(stream, "permanent", "the model refused the task");
  if (end.cause !== "done" && end.exitCode !== 0)
    return failed(stream, "transient", `Claude Code answered, then ended with ${endOf(end)}`);
  return { type: "answered", ...said(stream) };
}

function notStarted({ startFailure }: ClaudeEnd, stream: ClaudeStream): AgentOutcome {
  const message = startFailure?.message ?? "not started";
  const isMissing = startFailure?.missing === "program";
  const reason = isMissing
    ? `Claude Code is not installed (${message}); install it with: ${installCommand}`
    : message;
  return failed({ ...stream, usage: noUsage }, "permanent", reason);
}

function withoutResult(end: ClaudeEnd, stream: ClaudeStream): AgentOutcome {
  const byItself = end.exitCode !== null && end.exitCode < 128;
  // It complained before its first event: about its arguments, its settings, or its user. That will not change.
  if (byItself && stream.sessionId === null && stream.plainLine !== "") {
    return failed({ ...stream, usage: noUsage }, "permanent", `Claude Code: ${stream.plainLine}`);
  }
  return failed(stream, "transient", `Claude Code ended without a result (${endOf(end)})`);
}

function failedResult(end: ClaudeEnd, stream: ClaudeStream, result: Json): AgentOutcome {
  const text = textOf(result["result"]) ?? errorsOf(result);
  const kind = kindOf(stream, result, text);
  const reason = oneLine(text === "" ? `Claude Code reported ${String(result["subtype"])}` : text);
  if (kind === "login") {
    const known = isUnknown(stream.usage) ? { ...stream, usage: noUsage } : stream;
    return failed(known, kind, `${reason}; ${loginRemedy}`);
  }
  const retryAt = kind === "quota" ? opensAt(end, stream, result, text) : null;
  return failed(stream, kind, reason, retryAt);
}

function kindOf(stream: ClaudeStream, result: Json, text: string): FailureKind {
  const subtype = textOf(result["subtype"]) ?? "";
  const ending = textOf(result["terminal_reason"]) ?? "";
  if (ending.startsWith("aborted")) return "transient";
  if (subtype.startsWith("error_")) return "task";
  const status = numberOf(result["api_error_status"]);
  if (status === 401 || stream.messageError === "authentication_failed" || notLoggedIn.test(text))
    return "login";
  if (status === 429 || stream.limit !== null || stream.messageError === "billing_error" || usedUp.test(text))
    return "quota";
  if (result["stop_reason"] === "refusal") return "permanent";
  // Without a status nobody answered; with these the service, not the request, was at fault.
  if (status === null || status >= 500 || status === 408 || status === 409) return "transient";
  return "permanent";
}

const notLoggedIn = /not logged in|run \/login|invalid api key|oauth token (has )?(expired|been revoked)/i;
const usedUp = /usage limit|hit your [\w -]*limit|limit reached|credit balance|out of (extra )?usage/i;

/** When a limit opens again, where anybody said so. */
function opensAt(end: ClaudeEnd, stream: ClaudeStream, result: Json, text: string): number | null {
  if (stream.limit !== null) return stream.limit.opensAt;
  const stated = /limit reached\|(\d{9,13})/.exec(text)?.[1];
  if (stated !== undefined) return stated.length > 11 ? Number(stated) : Number(stated) * 1_000;
  const isRate = numberOf(result["api_error_status"]) === 429 && !usedUp.test(text);
  return isRate ? end.endedAt + rateLimitPauseMs : null;
}

function failed(
  stream: ClaudeStream,
  kind: FailureKind,
  reason: string,
  retryAt: number | null = null,
): AgentOutcome {
  return { type: "failed", kind, reason, ...said(stream), ...(retryAt !== null && { retryAt }) };
}

type Said = Pick<AgentOutcome, "output" | "usage" | "models"> & {
  artifacts?: readonly string[];
  issues?: readonly string[];
  sessionId: string | null;
  structuredOutput?: unknown;
};

function said(stream: ClaudeStream): Said {
  const answer = textOf(stream.result?.["result"]) ?? stream.lastText;
  const issues = issuesOf(stream);
  const data = stream.result?.["structured_output"];
  return {
    output: headOf(answer === "" ? stream.plainLine : answer, outputBytes),
    usage: stream.usage ?? unknownUsage,
    ...(Object.keys(stream.models).length > 0 && { models: stream.models }),
    sessionId: stream.sessionId,
    ...(stream.written.length > 0 && { artifacts: stream.written }),
    ...(issues.length > 0 && { issues }),
    ...(data !== undefined && { structuredOutput: data }),
  };
}

function issuesOf({ denials, result, retries, fallback }: ClaudeStream): string[] {
  const issues = Object.values(denials).map((what) => `denied: ${what}`);
  const stops = numberOf(result?.["safety_stops"]) ?? 0;
  if (stops > 0)
    issues.push(`the model's safeguards stopped ${stops === 1 ? "a response" : `${stops} responses`}`);
  if (retries > 0)
    issues.push(`Claude Code retried ${retries === 1 ? "a request" : `${retries} requests`} to its model`);
  if (fallback !== null)
    issues.push(`Claude Code went on with the model ${fallback}, for its own was overloaded`);
  return issues;
}

function errorsOf(result: Json): string {
  const errors = Array.isArray(result["errors"]) ? result["errors"] : [];
  return errors.filter((error) => typeof error === "string").join("; ");
}

function endOf({ exitCode, exitSignal }: ClaudeEnd): string {
  return exitCode === null ? (exitSignal ?? "a signal") : `exit code ${exitCode}`;
}

function isUnknown(usage: Usage | null): boolean {
  return usage === null || usage.costUsd === null;
}
