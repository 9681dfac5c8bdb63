/** Refusing a run whose agents are not installed, before anything is started or spent. */
import { bwrapInstallCommand, claudeInstallCommand } from "mai-orchestration-agents";
import { askedOf, demandOf, type FarmTask, MaiError, serves } from "mai-orchestration-core";
import { type AgentSetting, capacityOf } from "../../config/agent-setting.ts";
import type { CommandIo } from "../io.ts";
import { plural } from "../text/text.ts";
import { isInstalled, lacksWall, programOf } from "./readiness.ts";

/**
 * Throws `agent.not-installed` when a task without a command could only go to
 * agents whose program is not on this machine, or a task to one whose wall is not.
 *
 * @internal
 */
export function refuseMissing(
  tasks: readonly FarmTask[],
  agents: readonly AgentSetting[],
  root: string,
  io: CommandIo,
): void {
  refuseWithoutWall(tasks, agents, io);
  const installed = new Map(agents.map((agent) => [agent.agentId, isInstalled(agent, root, io.env)]));
  const isStuck = (task: FarmTask): boolean => {
    const demand = { ...demandOf(task, 0), requires: [] };
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

/**
 * Throws `plan.no-agent` when a task requires what this machine does not have, and no other machine shares the store.
 *
 * @internal
 */
export function refuseRequirements(tasks: readonly FarmTask[], tags: readonly string[]): void {
  for (const { taskId, requires = [] } of tasks) {
    const missing = requires.filter((tag) => !tags.includes(tag));
    if (missing.length === 0) continue;
    throw new MaiError("plan.no-agent", `task ${taskId} requires ${missing.join(", ")}`, {
      hint: `If this machine has it: --tags ${missing.join(",")}. If others have: --store postgres://... and workers there.`,
    });
  }
}

/** Who asked for a wall is not to be passed over for somebody without one. */
function refuseWithoutWall(tasks: readonly FarmTask[], agents: readonly AgentSetting[], io: CommandIo): void {
  const open = agents.find(
    (agent) => lacksWall(agent, io.env) && tasks.some((task) => serves(capacityOf(agent), demandOf(task, 0))),
  );
  if (open === undefined) return;
  throw new MaiError(
    "agent.not-installed",
    `agent ${open.agentId} works behind ${open.sandbox}, which is not installed`,
    { hint: `Install it: ${bwrapInstallCommand}. Or take \`sandbox\` away.` },
  );
}
