import type { FarmTask } from "mai-orchestration-core";
import type { AgentHarness, WantedBehaviour } from "mai-orchestration-testkit/suites";
import { createFarmTaskFor } from "./tasks.ts";

/** Who the agents are that are held to the contract. */
export const identity = { id: "agent", capabilities: ["test"], maxConcurrent: 2 } as const;

/** A harness over an agent whose tasks do what is wanted by these fields. */
export function harnessOf(
  agent: AgentHarness["agent"],
  fieldsFor: (wanted: WantedBehaviour) => Partial<FarmTask>,
): AgentHarness {
  return {
    agent,
    taskThat: (wanted) => createFarmTaskFor({ type: "test", ...fieldsFor(wanted) }),
    whenAtWork: null,
    close: async () => {},
  };
}
