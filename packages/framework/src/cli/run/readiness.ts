/** Whether agents could work at this moment, and what stands in the way. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import {
  type AgentProgram,
  bwrapInstallCommand,
  claudeInstallCommand,
  findProgram,
} from "mai-orchestration-agents";
import type { AgentSetting } from "../../config/agent-setting.ts";
import type { CommandIo } from "../io.ts";

/** @internal */
export interface Readiness {
  readonly commands: boolean;
  /** Whether it can do tasks without a command. */
  readonly prose: boolean;
  /** What stands in the way of the rest; `null` when nothing does. */
  readonly missing: Missing | null;
}

interface Missing {
  /** `claude is not installed`. */
  readonly text: string;
  readonly remedy: string;
}

/** The program that does an agent's tasks without a command. @internal */
export function programOf(agent: AgentSetting): string {
  return agent.executable ?? "claude";
}

/** @internal */
export function isInstalled(agent: AgentSetting, root: string, env: CommandIo["env"]): boolean {
  const program = programOf(agent);
  if (program.includes("/")) return existsSync(resolve(root, program));
  return findProgram(program, agent.env["PATH"] ?? env["PATH"] ?? "") !== null;
}

/** Whether its attempts are to run behind a wall that this machine has not. @internal */
export function lacksWall({ sandbox }: AgentSetting, env: CommandIo["env"]): boolean {
  return sandbox !== null && findProgram(sandbox, env["PATH"] ?? "") === null;
}

/** @internal */
export function readinessOf(
  agent: AgentSetting,
  programs: readonly AgentProgram[],
  io: CommandIo,
): Readiness {
  const { commands, prose } = agent;
  if (lacksWall(agent, io.env)) {
    return {
      commands: false,
      prose: false,
      missing: { text: "bwrap is not installed", remedy: bwrapInstallCommand },
    };
  }
  if (!prose) return { commands, prose, missing: null };
  const program = programOf(agent);
  if (!isInstalled(agent, io.cwd, io.env)) {
    return {
      commands,
      prose: false,
      missing: { text: `${program} is not installed`, remedy: claudeInstallCommand },
    };
  }
  const login = programs.find((one) => one.name === "claude")?.login;
  // Variables of its own may hold what the machine does not.
  if (login?.state === "no" && Object.keys(agent.env).length === 0) {
    return {
      commands,
      prose: false,
      missing: { text: `${program} is not logged in`, remedy: `run \`${program}\` once` },
    };
  }
  return { commands, prose, missing: null };
}
