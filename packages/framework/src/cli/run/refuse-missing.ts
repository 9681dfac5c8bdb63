/** Refusing a run whose agents are not installed, before anything is started or spent. */
import { claudeInstallCommand } from "mai-orchestration-agents";
import { askedOf, demandOf, type FarmTask, MaiError, serves } from "mai-orchestration-core";
import { type AgentSetting, capacityOf } from "../../config/agent-setting.ts";
import type { CommandIo } from "../io.ts";
import { plural } from "../text/text.ts";
import { isInstalled, programOf } from "./readiness.ts";

/**
 * Throws `agent.not-installed` when a task without a command could only go to
 * agents whose program is not on this machine.
 *
 * @internal
 */
export function refuseMissing(
  tasks: readonly FarmTask[],
  agents: readonly AgentSetting[],
  root: string,
  io: CommandIo,
): void {
  const installed = new Map(agents.map((agent) => [agent.agentId, isInstalled(agent, root, io.env)]));
  const isStuck = (task: FarmTask): boolean => {
    const demand = demandOf(task, 0);
    if (demand.kind === "command") return false;
    return !agents.some(
      (agent) => serves(capacityOf(agent), demand) && installed.get(agent.agentId) === true,
    );
  };
  const stuck = tasks.filter((task) => askedOf(task).some(isStuck));
  const [first] = stuck;
  if (first === undefined) return;
  const programs = [...new Set(agents.filter((agent) => agent.prose).map(programOf))].join(", ");
  const what =
    stuck.length === 1
      ? `task ${first.taskId} needs`
      : `${plural(stuck.length, "task")} (${first.taskId}, ...) need`;
  throw new MaiError("agent.not-installed", `${what} an agent, and ${programs} is not installed`, {
    hint: `Install it: ${claudeInstallCommand}. Or give the task a \`command\`.`,
  });
}
