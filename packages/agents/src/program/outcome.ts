/** What became of an attempt: from how the program ended and what it told. Pure. */
import { type FailureKind, formatDuration, noUsage, type Usage, unknownUsage } from "mai-orchestration-core";
import type { AgentOutcome } from "mai-orchestration-engine";
import type { ProcessEnd } from "../process/process-options.ts";
import { headOf, outputBytes } from "../text.ts";
import { failureOf, noLogin } from "./failure.ts";
import type { Program } from "./program.ts";
import type { Ending, Told } from "./told.ts";

/** What of a process's end the outcome needs. @internal */
export type ProgramEnd = Pick<ProcessEnd, "cause" | "exitCode" | "exitSignal" | "startFailure" | "endedAt">;

/**
 * Success is that the program said so and exited with 0, or had to be ended
 * after it had said so; nothing less.
 *
 * @param stalled - whether we ended it because its model was silent for too long
 * @internal
 */
export function outcomeOf(
  program: Pick<Program, "name" | "installCommand" | "loginRemedy" | "patienceMs">,
  end: ProgramEnd,
  told: Told,
  stalled: boolean,
): AgentOutcome {
  const { ending } = told;
  if (end.cause === "not-started") {
    const message = end.startFailure?.message ?? "not started";
    const isMissing = end.startFailure?.missing === "program";
    const remedy = `${program.name} is not installed (${message}); install it with: ${program.installCommand}`;
    return failed(told, "permanent", isMissing ? remedy : message, noUsage);
  }
  if (stalled) {
    const waited = formatDuration(program.patienceMs);
    return failed(told, "transient", `${program.name} heard nothing from its model for ${waited}`);
  }
  if (end.cause === "aborted") return failed(told, "task", "ended on request");
  if (ending === null) return withoutEnding(program, end, told);
  if (ending.type === "failed") return failedBy(program, told, ending);
  if (end.cause !== "done" && end.exitCode !== 0)
    return failed(told, "transient", `${program.name} answered, then ended with ${endOf(end)}`, told.usage);
  return { type: "answered", ...saidOf(told), usage: told.usage ?? unknownUsage };
}

function withoutEnding(
  program: Pick<Program, "name" | "loginRemedy">,
  end: ProgramEnd,
  told: Told,
): AgentOutcome {
  // It complained before its first event: about its arguments, its settings, or its user. That will not change.
  if (end.exitCode !== null && told.sessionId === null && told.plainLine !== "") {
    const isLogin = noLogin.test(told.plainLine);
    const remedy = isLogin ? `; ${program.loginRemedy}` : "";
    const kind = isLogin ? "login" : "permanent";
    return failed(told, kind, `${program.name}: ${told.plainLine}${remedy}`, noUsage);
  }
  return failed(told, "transient", `${program.name} ended without a result (${endOf(end)})`);
}

function failedBy(
  program: Pick<Program, "loginRemedy">,
  told: Told,
  ending: Extract<Ending, { type: "failed" }>,
): AgentOutcome {
  const reason = ending.kind === "login" ? `${ending.reason}; ${program.loginRemedy}` : ending.reason;
  // A request that was refused cost nothing; one that broke off may have, without anyone knowing how much.
  const usage = ending.refused ? (told.usage ?? noUsage) : null;
  const outcome = failed(told, ending.kind, reason, usage);
  return ending.retryAt === undefined ? outcome : { ...outcome, retryAt: ending.retryAt };
}

function failed(
  told: Told,
  kind: FailureKind,
  reason: string,
  usage: Usage | null = null,
): Extract<AgentOutcome, { type: "failed" }> {
  return { type: "failed", kind, reason, ...saidOf(told), usage: usage ?? unknownUsage };
}

function saidOf(told: Told): {
  output: string;
  sessionId: string | null;
  artifacts?: readonly string[];
  issues?: readonly string[];
} {
  const issues = issuesOf(told);
  return {
    output: headOf(told.text === "" ? told.plainLine : told.text, outputBytes),
    sessionId: told.sessionId,
    ...(told.written.length > 0 && { artifacts: told.written }),
    ...(issues.length > 0 && { issues }),
  };
}

function issuesOf({ denials, retries }: Told): string[] {
  const issues = Object.values(denials).map((what) => `denied: ${what}`);
  if (retries > 0)
    issues.push(`${retries === 1 ? "a request" : `${retries} requests`} to its model had to be made again`);
  return issues;
}

function endOf({ exitCode, exitSignal }: ProgramEnd): string {
  return exitCode === null ? (exitSignal ?? "a signal") : `exit code ${exitCode}`;
}

/** For folds: a failed request, seen now. @internal */
export function troubled(
  told: Told,
  text: string,
  more: { status?: number | null; retryAfter?: string | null } = {},
): Told {
  return { ...told, ending: failureOf({ text, ...more, now: Date.now() }) };
}
