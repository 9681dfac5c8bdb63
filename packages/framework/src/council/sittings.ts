/** The councils of a run, between the engine that drives it and the package that holds them. */

import type { FarmTask, TaskState } from "mai-orchestration-core";
import { type Convened, conveneCouncils } from "mai-orchestration-council";
import {
  type Agent,
  type DriveHandle,
  type Engine,
  fixedRoster,
  type NewRun,
  type Roster,
  type Store,
} from "mai-orchestration-engine";

/** What a run needs of its councils; of a run without any, nothing. */
export interface Sittings {
  readonly roster: Roster;
  ended(task: TaskState): void;
  /** Rejects when a council cannot go on; settles not otherwise. */
  readonly failed: Promise<never>;
  start(engine: Engine, drive: DriveHandle): void;
  /** Resolves once what a council was about to add or cancel is durable. */
  stop(): Promise<void>;
}

/** Prepares the councils among the tasks of a run. */
export function sittingsOf(
  store: Store,
  run: NewRun,
  agents: readonly Agent[],
  councils: readonly FarmTask[],
): Sittings {
  const convened = councils.length === 0 ? null : conveneCouncils({ store, run, councils, agents });
  let fail = (_error: unknown): void => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever drives the run races it; nobody has to.
  failed.catch(() => undefined);
  return {
    roster: convened === null ? fixedRoster(agents) : rosterOf(convened),
    failed,
    ended: (task) => convened?.ended(task),
    start: (engine, drive) =>
      convened?.start({
        wake: () => void drive.add([]),
        cancel: async (reason, taskIds) => void (await engine.cancel(run.runId, reason, taskIds)),
        failed: fail,
      }),
    stop: async () => convened?.stop(),
  };
}

/** The agent of a council has no free slot before its panel has decided: until then its task waits. */
function rosterOf(convened: Convened): Roster {
  const roster = fixedRoster(convened.agents);
  return {
    agents: () => roster.agents(),
    free: (agent) => (convened.isOpen(agent.agentId) ? roster.free(agent) : 0),
    take: (agentId, slot) => roster.take(agentId, slot),
    release: (agentId, slot) => roster.release(agentId, slot),
  };
}
