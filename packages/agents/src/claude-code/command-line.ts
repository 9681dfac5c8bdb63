/** The command line and environment of one attempt. Nothing of a task's text is in them. */
import type { ResolvedClaudeOptions } from "./options.ts";

const readers = ["Read", "Grep", "Glob", "WebFetch", "WebSearch"];

/** What is particular to one attempt. @internal */
export interface AttemptArguments {
  /** A session that exists, to be continued. */
  readonly resume: string | null;
  /** The JSON Schema that Claude Code is to hold the answer to. */
  readonly schema: string | null;
}

/** The arguments after the program. @internal */
export function argumentsOf(options: ResolvedClaudeOptions, { resume, schema }: AttemptArguments): string[] {
  const { fallbackModel, appendSystemPrompt, forkSession, onPermission } = options;
  return [
    ...["-p", "--output-format", "stream-json", "--verbose"],
    ...(onPermission === null ? [] : ["--input-format", "stream-json", "--permission-prompt-tool", "stdio"]),
    ...permissionArguments(options),
    ...toolArguments(options),
    ...(options.model === null ? [] : ["--model", options.model]),
    ...(options.maxTurns === null ? [] : ["--max-turns", String(options.maxTurns)]),
    ...(options.maxBudgetUsd === null ? [] : ["--max-budget-usd", String(options.maxBudgetUsd)]),
    ...(fallbackModel === null ? [] : ["--fallback-model", fallbackModel]),
    ...(appendSystemPrompt === null ? [] : ["--append-system-prompt", appendSystemPrompt]),
    ...(schema === null ? [] : ["--json-schema", schema]),
    ...sessionArguments(resume, forkSession),
  ];
}

function sessionArguments(resume: string | null, fork: string | null): string[] {
  if (resume !== null) return ["--resume", resume];
  return fork === null ? [] : ["--resume", fork, "--fork-session"];
}

function permissionArguments({ permissions, onPermission }: ResolvedClaudeOptions): string[] {
  switch (permissions) {
    case "full":
      return ["--dangerously-skip-permissions"];
    case "accept-edits":
      return ["--permission-mode", "acceptEdits"];
    case "read-only":
      // Denies whatever would have to be asked for, and tells the model so. Mode `plan` would want a plan instead of work.
      // Somebody who is asked must be asked.
      return ["--permission-mode", onPermission === null ? "dontAsk" : "default"];
  }
}

function toolArguments({ profile, allow, deny, tools, onPermission }: ResolvedClaudeOptions): string[] {
  const available = tools ?? toolsOf(profile, allow.length > 0 || onPermission !== null);
  return [
    ...(available === null ? [] : ["--tools", available.join(",")]),
    ...(allow.length === 0 ? [] : ["--allowedTools", ...allow.map((pattern) => `Bash(${pattern})`)]),
    ...(deny.length === 0 ? [] : ["--disallowedTools", ...deny.map((pattern) => `Bash(${pattern})`)]),
  ];
}

/** `null`: all there are. */
function toolsOf(profile: ResolvedClaudeOptions["profile"], hasCommands: boolean): string[] | null {
  if (profile === "general-purpose") return null;
  if (profile === "bash") return ["Bash"];
  return hasCommands ? [...readers, "Bash"] : readers;
}

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
