/** From the configuration's settings to agents that can do tasks. */
import { backendAgent, commandBackend } from "mai-orchestration-agents";
import type { Agent } from "mai-orchestration-engine";
import type { AgentSetting } from "../config/agent-setting.ts";
import { proseBackends } from "../config/backends.ts";
import { backendOf } from "../config/choose-backend.ts";

/**
 * Makes the agents, in the order of their settings. Throws `agent.invalid` for
 * options that could never work.
 *
 * @param env - where programs and logins are looked for, for agents that name no backend
 * @defaultValue `env`: `process.env`
 * @public
 */
export function agentsFrom(
  settings: readonly AgentSetting[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Agent[] {
  return settings.map((setting) => agentFrom(setting, env));
}

/** Makes one agent. @internal */
export function agentFrom(
  setting: AgentSetting,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Agent {
  if (setting.made !== null) return setting.made;
  const { agentId: id, capabilities, maxConcurrent, profile, permissions, allow } = setting;
  const backend = backendOf(setting, env);
  const said = {
    ...setting.options,
    env: setting.env,
    profile,
    permissions,
    ...(allow.length > 0 && { allow }),
  };
  const agent = backendAgent({
    id,
    capabilities,
    maxConcurrent,
    ...(setting.commands && { command: commandBackend({ env: setting.env }) }),
    ...(backend !== null && { prose: proseBackends[backend].make(said) }),
    ...(setting.sandbox !== null && { sandbox: setting.sandbox }),
  });
  return setting.fallback.length === 0 ? agent : { ...agent, fallback: setting.fallback };
}
