/** Refusing a run whose agents are not installed, before anything is started or spent. */
import { bwrapInstallCommand } from "mai-orchestration-agents";
import { askedOf, demandOf, type FarmTask, MaiError, serves } from "mai-orchestration-core";
import { type AgentSetting, capacityOf } from "../../config/agent-setting.ts";
import type { CommandIo } from "../io.ts";
import { plural } from "../text/text.ts";
import { lacksWall, missingOf } from "./readiness.ts";

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
  const missing = new Map(agents.map((agent) => [agent.agentId, missingOf(agent, root, io.env)]));
  /** What stands in the way of a task, of each agent that would do it; empty when one can. */
  const lacks = (task: FarmTask): string[] => {
    const demand = { ...demandOf(task, 0), requires: [] };
    if (demand.kind === "command") return [];
    const able = agents.filter((agent) => serves(capacityOf(agent), demand));
    const ways = able.map((agent) => missing.get(agent.agentId) ?? null);
    return ways.includes(null) ? [] : ways.flatMap((way) => way?.text ?? []);
  };
  const stuck = tasks.filter((task) => askedOf(task).some((asked) => lacks(asked).length > 0));
  const [first] = stuck;
  if (first === undefined) return;
  const texts = new Set(stuck.flatMap((task) => askedOf(task).flatMap(lacks)));
  const remedies = new Set(
    [...missing.values()].flatMap((one) => (one !== null && texts.has(one.text) ? [one.remedy] : [])),
  );
  const what =
    stuck.length === 1
      ? `task ${first.taskId} needs`
      : `${plural(stuck.length, "task")} (${first.taskId}, ...) need`;
  throw new MaiError("agent.not-installed", `${what} an agent, and ${[...texts].join(", and ")}`, {
    hint: `${[...remedies].join(". ")}. Or give the task a \`command\`.`,
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
