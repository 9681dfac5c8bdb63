/** Whether agents could work at this moment, and what stands in the way. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import {
  bwrapInstallCommand,
  findPackage,
  findProgram,
  loginOf,
  programBackends,
  programFacts,
} from "mai-orchestration-agents";
import type { AgentSetting } from "../../config/agent-setting.ts";
import { keysOf, type Need } from "../../config/backends.ts";
import { backendOf, needOf } from "../../config/choose-backend.ts";
import type { CommandIo } from "../io.ts";

/** @internal */
export interface Readiness {
  readonly commands: boolean;
  /** Whether it can do tasks without a command. */
  readonly prose: boolean;
  /** What stands in the way of the rest; `null` when nothing does. */
  readonly missing: Missing | null;
}

/** @internal */
export interface Missing {
  /** `codex is not installed`. */
  readonly text: string;
  readonly remedy: string;
  /** Whether any program of several would do. */
  readonly isOpen: boolean;
}

/** Whether its attempts are to run behind a wall that this machine has not. @internal */
export function lacksWall({ sandbox }: AgentSetting, env: CommandIo["env"]): boolean {
  return sandbox !== null && findProgram(sandbox, env["PATH"] ?? "") === null;
}

/** What an agent's tasks without a command need and this machine has not; `null` when it has all. @internal */
export function missingOf(agent: AgentSetting, root: string, env: CommandIo["env"]): Missing | null {
  const need = needOf(agent, env);
  if (need === null) return null;
  const { program } = need;
  if (program !== null && !hasProgram(program, agent, root, env)) {
    if (agent.backend === null) return nothingInstalled(agent);
    return {
      text: `${program} is not installed`,
      remedy: `Install it: ${need.installCommand}`,
      isOpen: false,
    };
  }
  const gone = need.packages.filter((name) => findPackage(name, need.fromProject ? root : null) === null);
  if (gone.length === 0) return null;
  const text = `${gone.join(" and ")} ${gone.length === 1 ? "is" : "are"} not installed`;
  return { text, remedy: `Install it: npm install ${need.packages.join(" ")}`, isOpen: false };
}

function hasProgram(program: string, agent: AgentSetting, root: string, env: CommandIo["env"]): boolean {
  if (program.includes("/")) return existsSync(resolve(root, program));
  return findProgram(program, agent.env["PATH"] ?? env["PATH"] ?? "") !== null;
}

/** Any of them would do. */
function nothingInstalled({ allow }: AgentSetting): Missing {
  const fit = programBackends.filter((name) => allow.length === 0 || keysOf(name).includes("allow"));
  const [first = "claude-code", ...others] = fit;
  const packages = others.map((name) => programFacts[name].installCommand.split(" ").at(-1));
  return {
    text: `no agent program is installed (${fit.map((name) => programFacts[name].command).join(", ")})`,
    remedy: `Install one: ${programFacts[first].installCommand} (or ${packages.join(", ")})`,
    isOpen: true,
  };
}

/** @internal */
export function readinessOf(agent: AgentSetting, io: Pick<CommandIo, "cwd" | "env">): Readiness {
  const { commands, prose } = agent;
  if (lacksWall(agent, io.env)) {
    const missing = {
      text: "bwrap is not installed",
      remedy: `Install it: ${bwrapInstallCommand}`,
      isOpen: false,
    };
    return { commands: false, prose: false, missing };
  }
  const missing = missingOf(agent, io.cwd, io.env) ?? loggedOut(agent, io.env);
  return { commands, prose: prose && missing === null, missing };
}

function loggedOut(agent: AgentSetting, env: CommandIo["env"]): Missing | null {
  const need: Need | null = needOf(agent, env);
  const backend = programBackends.find((name) => name === backendOf(agent, env));
  if (need === null || backend === undefined) return null;
  // Variables of its own may hold what the machine does not.
  if (Object.keys(agent.env).length > 0 || loginOf(backend, env).state !== "no") return null;
  return { text: `${need.program} is not logged in`, remedy: need.loginRemedy ?? "", isOpen: false };
}
