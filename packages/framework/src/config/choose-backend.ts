/** Which backend does an agent's tasks without a command, on this machine. */
import { findProgram, loginOf, programBackends, programFacts } from "mai-orchestration-agents";
import type { AgentSetting } from "./agent-setting.ts";
import { keysOf, type Need, type ProseBackend, proseBackends } from "./backends.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The configured backend; without one the first of Claude Code, Codex,
 * OpenCode, Gemini CLI and Qwen Code that is installed and not known to be
 * logged out, else the first that is installed, else the first. Files and
 * variables are looked at, nothing is started. `null` for an agent that does
 * no such tasks, or was made in a program.
 *
 * @public
 */
export function backendOf(setting: AgentSetting, env: Environment): ProseBackend | null {
  const { backend, prose, made, allow } = setting;
  if (!prose || made !== null || backend === "command") return null;
  if (backend !== null) return backend;
  const seen = { ...env, ...setting.env };
  // One that cannot be held to a list of commands must not stand in for one that can.
  const fit = programBackends.filter((name) => allow.length === 0 || keysOf(name).includes("allow"));
  const installed = fit.filter(
    (name) => findProgram(programFacts[name].command, seen["PATH"] ?? "") !== null,
  );
  const [first = "claude-code"] = fit;
  return installed.find((name) => loginOf(name, seen).state !== "no") ?? installed[0] ?? first;
}

/** What that backend needs on this machine; `null` where there is none. @internal */
export function needOf(setting: AgentSetting, env: Environment): Need | null {
  const backend = backendOf(setting, env);
  return backend === null ? null : proseBackends[backend].needs(setting.options);
}

/** The backend found on the machine for agents that name none; `null` when every agent names one. @internal */
export function foundBackendOf(settings: readonly AgentSetting[], env: Environment): ProseBackend | null {
  const open = settings.find(({ backend, prose, made }) => backend === null && prose && made === null);
  return open === undefined ? null : backendOf(open, env);
}
