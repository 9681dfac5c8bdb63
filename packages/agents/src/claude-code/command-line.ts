/** The command line and environment of one attempt. Nothing of a task's text is in them. */
import type { ResolvedClaudeOptions } from "./options.ts";

const readers = ["Read", "Grep", "Glob", "WebFetch", "WebSearch"];

/**
 * The arguments after the program.
 *
 * @param resume - a session that exists, to be continued
 * @internal
 */
export function argumentsOf(options: ResolvedClaudeOptions, resume: string | null): string[] {
  return [
    ...["-p", "--output-format", "stream-json", "--verbose"],
    ...permissionArguments(options),
    ...toolArguments(options),
    ...(options.model === null ? [] : ["--model", options.model]),
    ...(options.maxTurns === null ? [] : ["--max-turns", String(options.maxTurns)]),
    ...(options.maxBudgetUsd === null ? [] : ["--max-budget-usd", String(options.maxBudgetUsd)]),
    ...(resume === null ? [] : ["--resume", resume]),
  ];
}

function permissionArguments({ permissions }: ResolvedClaudeOptions): string[] {
  switch (permissions) {
    case "full":
      return ["--dangerously-skip-permissions"];
    case "accept-edits":
      return ["--permission-mode", "acceptEdits"];
    case "read-only":
      // Denies whatever would have to be asked for, and tells the model so. Mode `plan` would want a plan instead of work.
      return ["--permission-mode", "dontAsk"];
  }
}

function toolArguments({ profile, allow }: ResolvedClaudeOptions): string[] {
  const allowed = allow.map((pattern) => `Bash(${pattern})`);
  const tools = toolsOf(profile, allow.length > 0);
  return [
    ...(tools === null ? [] : ["--tools", tools.join(",")]),
    ...(allowed.length === 0 ? [] : ["--allowedTools", ...allowed]),
  ];
}

/** `null`: all there are. */
function toolsOf(profile: ResolvedClaudeOptions["profile"], hasCommands: boolean): string[] | null {
  if (profile === "general-purpose") return null;
  if (profile === "bash") return ["Bash"];
  return hasCommands ? [...readers, "Bash"] : readers;
}

/** Our variables that Claude Code reads. @internal */
export const claudePrefixes: readonly string[] = ["ANTHROPIC_", "CLAUDE_"];

/** Variables of a Claude Code session that we may be running in: they tie a child to that session. @internal */
export const claudeWithheld: ReadonlySet<string> = new Set([
  "CLAUDE_CODE_ENTRYPOINT",
  "CLAUDE_CODE_SSE_PORT",
  "CLAUDE_CODE_SESSION_ID",
  "CLAUDE_CODE_CHILD_SESSION",
  "CLAUDE_PROJECT_DIR",
  "CLAUDE_ENV_FILE",
  "CLAUDE_PLUGIN_ROOT",
]);

/** What an attempt is set up with; agents and tasks may say otherwise. @internal */
export const claudeEnvironment: Readonly<Record<string, string>> = {
  // Its own ten retries hide an outage for minutes; whether to try again is the engine's to decide.
  CLAUDE_CODE_MAX_RETRIES: "2",
  // A background command would keep the program alive after its result, or die with it unfinished.
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
};
