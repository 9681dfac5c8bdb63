/** A ceiling counts what is known: whose costs are not is said before anything is spent. */
import { demandOf, type FarmTask, mayCost, serves } from "mai-orchestration-core";
import { agentsFrom } from "../../agents/agents-from.ts";
import type { AgentSetting } from "../../config/agent-setting.ts";
import type { CommandIo } from "../io.ts";

/** Warns when agents that may do the tasks are not sure to say what they cost; without a ceiling it does not matter. @internal */
export function warnOfUnknownCosts(
  tasks: readonly FarmTask[],
  settings: readonly AgentSetting[],
  maxCostUsd: number | null,
  io: CommandIo,
): void {
  if (maxCostUsd === null) return;
  const demands = tasks.filter(mayCost).map((task) => demandOf(task, 0));
  const silent = agentsFrom(settings)
    .filter((agent) => agent.statesCost !== true && demands.some((demand) => serves(agent, demand)))
    .map(({ agentId }) => agentId);
  if (silent.length === 0) return;
  const names = silent.join(", ");
  io.stderr.write(
    `mai: the ceiling of $${maxCostUsd} counts only what is known; not sure to say what an attempt cost: ${names}\n`,
  );
}
