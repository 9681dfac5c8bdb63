/** The state of an orchestrator as plain JSON, and back. */
import {
  type AgentStatus,
  type FarmResult,
  type FarmTask,
  type JournalEntry,
  MaiError,
} from "mai-orchestration-core";
import type { RunRecord } from "mai-orchestration-engine";
import type { Ledger } from "./ledger.ts";
import type { Session } from "./session.ts";

/** The newest version of a state that this package writes, and the newest it reads. */
export const stateVersion = 1;

/**
 * What survives context compaction. Plain JSON: it can be written to a file
 * and read back.
 *
 * With a store on disk it only names store and run; restoring attaches to
 * them. In memory it holds the run itself.
 *
 * @public
 */
export interface OrchestrationState {
  version: number;
  /** The file of the store; `null` when the run is in memory, and so in `run` and `journal`. */
  store: string | null;
  /** The run; `null` before the first task was queued. */
  run: RunRecord | null;
  /** One line for people. */
  summary: string;
  /** Tasks that had not ended. */
  activeTasks: FarmTask[];
  agentStatus: (Omit<AgentStatus, "startTime" | "endTime"> & { startTime: string; endTime?: string })[];
  /** Results of tasks that had ended. */
  pendingResults: FarmResult[];
  /** The batch that ran, if one did. */
  batchId?: string;
  /** Every fact of a run in memory; empty with a store on disk. */
  journal: JournalEntry[];
}

/** The state as it is at this moment. */
export function stateOf(ledger: Ledger, session: Session, batchId: string | null): OrchestrationState {
  const results = ledger.results();
  const activeTasks = ledger.openTasks();
  const { storePath } = session;
  return {
    version: stateVersion,
    store: storePath,
    run: session.record,
    summary: `${results.length} of ${results.length + activeTasks.length} tasks ended, ${activeTasks.length} open`,
    activeTasks,
    agentStatus: ledger.statuses().map(plainStatus),
    pendingResults: results,
    ...(batchId === null ? {} : { batchId }),
    journal: storePath === null ? session.journal() : [],
  };
}

function plainStatus({
  startTime,
  endTime,
  ...rest
}: AgentStatus): OrchestrationState["agentStatus"][number] {
  const plain = { ...rest, startTime: startTime.toISOString() };
  return endTime === undefined ? plain : { ...plain, endTime: endTime.toISOString() };
}

/** Looks at a state that came back from outside. Throws `state.invalid` or `state.newer-version`. */
export function acceptState(state: unknown): OrchestrationState {
  if (typeof state === "string") return acceptState(parse(state));
  if (typeof state !== "object" || state === null) throw invalid("it is not an object");
  const { version, store, run, journal } = state as Partial<OrchestrationState>;
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1)
    throw invalid("it has no version");
  if (version > stateVersion) {
    throw new MaiError(
      "state.newer-version",
      `The state has version ${version}; this package knows up to ${stateVersion}`,
      {
        hint: "Update mai-orchestration-framework.",
      },
    );
  }
  if (store !== null && typeof store !== "string") throw invalid("`store` is neither a path nor null");
  if (run === undefined || (run !== null && typeof run?.runId !== "string"))
    throw invalid("`run` is missing");
  if (!Array.isArray(journal)) throw invalid("`journal` is missing");
  return state as OrchestrationState;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid("it is not JSON, or was cut off", error);
  }
}

function invalid(what: string, cause?: unknown): MaiError {
  return new MaiError("state.invalid", `The state cannot be restored: ${what}`, {
    hint: "Pass what getState() returned, whole and unchanged.",
    cause,
  });
}
