import { demandOf, serves } from "mai-orchestration-core";
import type { AgentDispatcher } from "../dispatcher/agent-dispatcher.ts";
import type { Ledger } from "./ledger.ts";
import type { Session } from "./session.ts";

/** Ends tasks as blocked that no agent could ever do, instead of letting them wait for ever; resolves the open ones. */
export async function blockImpossible(
  dispatcher: AgentDispatcher,
  ledger: Ledger,
  session: Session,
  taskIds: readonly string[],
): Promise<string[]> {
  const present = new Set(dispatcher.getAllAgents().map((agent) => agent.id));
  const agents = dispatcher.agents().filter((agent) => present.has(agent.agentId));
  const isOpen = (id: string): boolean => ledger.result(id) === undefined;
  const impossible = taskIds.filter((id) => {
    const task = ledger.task(id);
    return isOpen(id) && task !== undefined && !agents.some((agent) => serves(agent, demandOf(task, 0)));
  });
  if (impossible.length > 0) {
    await session.block(`No agent available for it among: ${[...present].join(", ")}`, impossible);
  }
  return taskIds.filter(isOpen);
}
