/** Whether the configured agents could do a plan at all, before anything is started or spent. */
import { askedOf } from "../council.ts";
import { type Capacity, type Demand, demandOf, laneOf, serves } from "../demand.ts";
import { nearest } from "../nearest.ts";
import type { FarmTask } from "../task.ts";
import { type DataPath, type Locate, oneLine, type PlanProblem } from "./problem.ts";

/**
 * One problem for each task that no configured agent can ever do. An agent that
 * is merely full or away is no problem: the task waits.
 *
 * @param tasks - in the order of the plan, so that places can be found by index
 * @public
 */
export function checkAgents(
  tasks: readonly FarmTask[],
  agents: readonly Capacity[],
  locate: Locate = () => undefined,
): PlanProblem[] {
  const served = new Map<string, boolean>();
  const problems: PlanProblem[] = [];
  for (const [index, task] of tasks.entries()) {
    for (const asked of askedOf(task)) {
      // Locks decide when a task runs, not who can do it; and a machine with the tags it requires may be away.
      const demand: Demand = { ...demandOf(asked, 0), locks: [], requires: [] };
      const lane = laneOf(demand);
      const possible = served.get(lane) ?? agents.some((agent) => serves(agent, demand));
      served.set(lane, possible);
      if (possible) continue;
      problems.push(impossible(task, index, demand, agents, locate));
      // One is enough to send its reader to the roster.
      break;
    }
  }
  return problems;
}

function impossible(
  task: FarmTask,
  index: number,
  demand: Demand,
  agents: readonly Capacity[],
  locate: Locate,
): PlanProblem {
  const key =
    task.council !== undefined
      ? "council"
      : demand.agent !== null
        ? "agent"
        : demand.kind === "command"
          ? "command"
          : "type";
  const path: DataPath = ["tasks", index, key];
  // A key that came from `defaults` does not stand in the task.
  const place = locate(path) ?? locate(["tasks", index]) ?? null;
  return { code: "plan.no-agent", path, place, taskId: task.taskId, ...reasonOf(demand, agents) };
}

function reasonOf(demand: Demand, agents: readonly Capacity[]): { message: string; hint: string } {
  const { agent: pinned, type, kind } = demand;
  if (pinned === null) {
    const hint = "Add such an agent to `agents` in mai.config.yaml.";
    if (kind === "command") return { message: "has a `command`, but no agent runs commands", hint };
    return { message: `no agent does tasks of type \`${type}\``, hint };
  }
  const name = oneLine(pinned);
  const ids = agents.map((agent) => agent.agentId);
  const agent = agents.find((candidate) => candidate.agentId === pinned);
  if (agent === undefined) {
    const meant = nearest(pinned, ids);
    const question = meant === undefined ? "" : `; did you mean \`${meant}\`?`;
    return {
      message: `there is no agent \`${name}\`${question}`,
      hint: `Configured are: ${ids.join(", ")}.`,
    };
  }
  if (kind === "command") {
    return {
      message: `has a \`command\`, but agent \`${name}\` runs none`,
      hint: "Remove `agent`, or `command`.",
    };
  }
  if (!agent.prose) {
    return {
      message: `agent \`${name}\` only runs commands`,
      // Of the default `bash` and of agents of that profile; backend `command` has no model to do it.
      hint: "Give the task a `command` or another agent; an agent of profile `bash` does prose once its `allow` in mai.config.yaml names commands.",
    };
  }
  const capable = agent.capabilities.join(", ");
  return { message: `agent \`${name}\` does no tasks of type \`${type}\``, hint: `It does: ${capable}.` };
}
