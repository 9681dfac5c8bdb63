/** The state of an orchestrator as plain JSON, and back. */
import { type FarmResult, type FarmTask, type JournalEntry, MaiError } from "mai-orchestration-core";
import type { AgentStatus } from "mai-orchestration-core/seed";
import type { RunRecord } from "mai-orchestration-engine";
import type { Ledger } from "./ledger.ts";
import type { BatchOptions } from "./options.ts";
import type { Session } from "./session.ts";
import { isKey } from "./texts.ts";

/** The newest version of a state that this package writes, and the newest it reads. */
const stateVersion = 1;

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
  /** The batch that runs; the first of them when there are several. */
  batchId?: string;
  /** All batches that run: what was asked for, to be asked for again after a restore. */
  batches: BatchState[];
  /** Every fact of a run in memory; empty with a store on disk. */
  journal: JournalEntry[];
}

/** A batch that runs. @public */
export interface BatchState {
  batchId: string;
  taskIds: string[];
  options: BatchOptions;
}

/** The state as it is at this moment. */
export function stateOf(
  ledger: Ledger,
  session: Session,
  batches: readonly BatchState[],
): OrchestrationState {
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
    ...(batches[0] === undefined ? {} : { batchId: batches[0].batchId }),
    batches: [...batches],
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
  if (run === undefined) throw invalid("`run` is missing");
  if (run !== null && !isRun(run)) throw invalid("`run` is not a run");
  if (!Array.isArray(journal)) throw invalid("`journal` is missing");
  const damaged = journal.findIndex((entry) => !isEntry(entry));
  if (damaged >= 0) throw invalid(`\`journal[${damaged}]\` is not a journal entry`);
  return state as OrchestrationState;
}

function isRun(run: RunRecord): boolean {
  const { runId, name, root, parallel, failFast, timeoutMs, sharedChecks, createdAt } = run;
  return (
    isKey(runId) &&
    (name === null || typeof name === "string") &&
    isKey(root) &&
    (parallel === null || Number.isInteger(parallel)) &&
    typeof failFast === "boolean" &&
    (timeoutMs === null || Number.isFinite(timeoutMs)) &&
    typeof sharedChecks === "boolean" &&
    Number.isFinite(createdAt)
  );
}

function isEntry(entry: JournalEntry | null): boolean {
  if (typeof entry !== "object" || entry === null) return false;
  const { type, seq, at, runId } = entry;
  return (
    typeof type === "string" && Number.isInteger(seq) && Number.isFinite(at) && typeof runId === "string"
  );
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
