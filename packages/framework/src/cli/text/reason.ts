/** Reasons in the words of people, each word once. */
import type { Verdict } from "mai-orchestration-core";

/** A reason beside its verdict, which it does not repeat: `by mai cancel`. @internal */
export function reasonBeside(verdict: Verdict | null, reason: string): string {
  return verdict !== null && reason.startsWith(`${verdict} `) ? reason.slice(verdict.length + 1) : reason;
}

/** `failed: exit code 7`, but `cancelled by mai cancel`. @internal */
export function withReason(verdict: Verdict, reason: string): string {
  return reason.startsWith(`${verdict} `) ? reason : `${verdict}: ${reason}`;
}

/** What an interruption was, by the reason that stands in the journal: `stopped by a person (Ctrl-C)`. @internal */
export function interruptionText(reason: string): string {
  switch (reason) {
    case "":
      return "interrupted";
    case "SIGINT":
      return "stopped by a person (Ctrl-C)";
    case "SIGHUP":
      return "stopped because its terminal was closed (SIGHUP)";
    case "SIGTERM":
      return "stopped by SIGTERM";
    default:
      return `interrupted (${reason})`;
  }
}
