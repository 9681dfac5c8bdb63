/** The backend that drives OpenAI's Codex (`codex exec --json`). */
import { addUsage, type Usage } from "mai-orchestration-core";
import type { Backend } from "../backend.ts";
import type { AskingProgramOptions, ProgramOptions } from "../program/options.ts";
import { invalid, type ResolvedOptions, resolveOptions } from "../program/options.ts";
import type { Launch, LaunchOptions } from "../program/program.ts";
import { programFacts } from "../program/programs.ts";
import { programBackend } from "../program/run-program.ts";
import { findRollout, readRollout } from "./rollout.ts";
import { foldCodex } from "./stream.ts";

/** What an agent's Codex may do. It has no list of allowed commands: its sandbox confines every one of them. @public */
export interface CodexOptions extends ProgramOptions {
  /** Settings of Codex's `config.toml` for this agent, dotted: `{ model_reasoning_effort: "high" }`. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Does tasks with Codex, prompt on stdin. Permissions are its sandbox:
 * `read-only`, `workspace-write` (for `accept-edits`) or none (`full`). Throws
 * `agent.invalid` for options that could never work; whether the program is
 * installed shows when a task runs.
 *
 * @public
 */
export function codex(options: CodexOptions = {}): Backend {
  const resolved = resolveOptions(programFacts.codex.name, programFacts.codex.command, options);
  if (((options as AskingProgramOptions).allow ?? []).length > 0)
    throw invalid("Codex", "it cannot allow single commands; permissions choose its sandbox");
  const config = configArguments(options.config ?? {});
  return programBackend({
    ...programFacts.codex,
    statesCost: false,
    executable: resolved.executable,
    env: resolved.env,
    session: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    sessionGone: /no rollout found|thread.*not found/i,
    patienceMs: resolved.patienceMs,
    launch: (asked) => launch(resolved, config, asked),
  });
}

function launch(options: ResolvedOptions, config: readonly string[], asked: LaunchOptions): Launch {
  const { resume, env } = asked;
  const command: [string, ...string[]] = [
    options.executable,
    ...["exec", ...(resume === null ? [] : ["resume", resume])],
    ...["--json", "--skip-git-repo-check"],
    ...config,
    ...["-c", `sandbox_mode=${JSON.stringify(sandboxOf(options))}`, "-c", 'approval_policy="never"'],
    ...(options.model === null ? [] : ["--model", options.model]),
    "-",
  ];
  const before = resume === null ? null : findRollout(resume, env);
  const earlier = before === null ? null : readRollout(before);
  return {
    command,
    env: {},
    fold: foldCodex,
    finish(told) {
      // The session's own record knows the usage of attempts that failed, and what the sandbox refused.
      const file = told.sessionId === null ? null : findRollout(told.sessionId, env);
      const record = file === null ? null : readRollout(file, earlier?.lines ?? 0);
      const whole = told.ending?.type === "answered" ? told.usage : (record?.usage ?? told.usage);
      const usage = resume === null ? whole : sinceBefore(whole, earlier?.usage ?? null);
      return { ...told, usage, denials: { ...told.denials, ...record?.denials } };
    },
  };
}

function sandboxOf({ profile, permissions }: ResolvedOptions): string {
  if (profile === "explore" || permissions === "read-only") return "read-only";
  return permissions === "full" ? "danger-full-access" : "workspace-write";
}

/** Codex counts a session from its beginning, also what earlier attempts of it used. */
function sinceBefore(whole: Usage | null, before: Usage | null): Usage | null {
  if (whole === null || before === null) return null;
  const minus = (value: number | null): number | null => (value === null ? null : -value);
  return addUsage(whole, {
    inputTokens: minus(before.inputTokens),
    outputTokens: minus(before.outputTokens),
    cacheReadTokens: minus(before.cacheReadTokens),
    cacheWriteTokens: minus(before.cacheWriteTokens),
    costUsd: null,
  });
}

function configArguments(config: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(config).flatMap(([key, value]) => {
    if (!/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(key))
      throw invalid("Codex", `config "${key}" is no setting`);
    if (/^(sandbox_mode|approval_policy)$/.test(key))
      throw invalid("Codex", `config "${key}" is what permissions decide`);
    // Every JSON string is a TOML string.
    return ["-c", `${key}=${JSON.stringify(value)}`];
  });
}
