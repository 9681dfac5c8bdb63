/** The state of a run as `mai state export` writes it, read back with distrust. */
import { isDeepStrictEqual } from "node:util";
import {
  type FarmResult,
  type FarmTask,
  isMaiError,
  type JournalEntry,
  MaiError,
  resultOf,
  type TaskPhase,
} from "mai-orchestration-core";
import type { RunRecord } from "mai-orchestration-engine";
import { foldJournal } from "mai-orchestration-engine/store";
import { eventProblem, isRecord } from "./event-shape.ts";

/** The newest version that is written, and read. @internal */
export const stateVersion = 1;

/** A run with everything that is known of it, as plain JSON. @internal */
export interface RunState {
  readonly version: number;
  /** Always null: the run is in this file. */
  readonly store: null;
  readonly run: RunRecord;
  /** For people and programs: what the journal says. */
  readonly tasks: readonly {
    readonly task: FarmTask;
    readonly phase: TaskPhase;
    readonly result: FarmResult | null;
  }[];
  readonly journal: readonly JournalEntry[];
}

/** Throws `state.invalid` or `state.newer-version`, naming the place. @internal */
export function readRunState(text: string, source: string): RunState {
  const data = parse(text, source);
  const { version, store, run, tasks, journal } = data;
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1)
    throw invalid(source, "it has no `version`");
  if (version > stateVersion) {
    throw new MaiError(
      "state.newer-version",
      `${source}: has version ${version}; this mai knows up to ${stateVersion}`,
      {
        hint: "Update mai-orchestration-framework.",
      },
    );
  }
  if (typeof store === "string") throw invalid(source, `it only names the store ${store}, which has the run`);
  const record = acceptRun(run, source);
  if (!Array.isArray(journal) || journal.length === 0) throw invalid(source, "it has no `journal`");
  for (const [i, entry] of journal.entries()) acceptEntry(entry, journal[i - 1], i, record, source);
  const state = {
    version,
    store: null,
    run: record,
    tasks: tasks as RunState["tasks"],
    journal: journal as JournalEntry[],
  };
  return { ...state, tasks: acceptTasks(state, source) };
}

function parse(text: string, source: string): Readonly<Record<string, unknown>> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    const what = text.trim() === "" ? "it is empty" : "it is not JSON, or was cut off";
    throw invalid(source, what, error);
  }
  if (!isRecord(data)) throw invalid(source, "it is no object");
  return data;
}

function acceptRun(run: unknown, source: string): RunRecord {
  if (!isRecord(run)) throw invalid(source, "it has no `run`");
  const isGood =
    isText(run["runId"]) &&
    (run["name"] === null || isText(run["name"])) &&
    isText(run["root"]) &&
    isCount(run["parallel"]) &&
    typeof run["failFast"] === "boolean" &&
    isCount(run["timeoutMs"]) &&
    typeof run["sharedChecks"] === "boolean" &&
    (run["maxCostUsd"] === undefined || isCount(run["maxCostUsd"])) &&
    typeof run["createdAt"] === "number" &&
    isCount(run["finishedAt"]) &&
    isCount(run["interruptedAt"]) &&
    (run["verdict"] === null || isText(run["verdict"]));
  if (!isGood) throw invalid(source, "`run` lacks something, or holds something else");
  return run as unknown as RunRecord;
}

function acceptEntry(entry: unknown, before: unknown, i: number, run: RunRecord, source: string): void {
  const where = `journal[${i}]`;
  if (!isRecord(entry)) throw invalid(source, `${where} is no object`);
  const { seq, at, runId, taskId } = entry;
  const last = isRecord(before) ? (before["seq"] as number) : 0;
  if (typeof seq !== "number" || !Number.isInteger(seq) || seq <= last)
    throw invalid(source, `${where} breaks the order of \`seq\``);
  if (typeof at !== "number" || runId !== run.runId)
    throw invalid(source, `${where} is of another run, or has no time`);
  const problem = eventProblem(entry);
  if (problem !== null) throw invalid(source, `${where} ${problem}`);
  if (entry["type"] === "task.queued" && (entry["task"] as FarmTask).taskId !== taskId) {
    throw invalid(source, `${where} queues another task than it names`);
  }
}

/** The journal is what counts; tasks that say something else were changed by hand, and that must not be passed over. */
function acceptTasks(state: RunState, source: string): RunState["tasks"] {
  const folded = [...fold(state, source).values()].map((task) => ({
    task: task.spec,
    phase: task.phase,
    result: task.end === null ? null : resultOf(task),
  }));
  const expected = JSON.parse(JSON.stringify(folded)) as RunState["tasks"];
  if (state.tasks === undefined) return expected;
  if (!Array.isArray(state.tasks)) throw invalid(source, "`tasks` is no list");
  const wrong = expected.findIndex((task, i) => !isDeepStrictEqual(task, state.tasks[i]));
  if (wrong >= 0)
    throw invalid(source, `tasks[${wrong}] (${expected[wrong]?.task.taskId}) is not what the journal says`);
  if (state.tasks.length > expected.length)
    throw invalid(source, `tasks[${expected.length}] is not in the journal`);
  return expected;
}

function fold(state: RunState, source: string): ReturnType<typeof foldJournal> {
  try {
    return foldJournal(state.run.runId, state.journal);
  } catch (error) {
    if (!isMaiError(error)) throw error;
    throw invalid(source, error.message, error);
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isCount(value: unknown): boolean {
  return value === null || typeof value === "number";
}

function invalid(source: string, what: string, cause?: unknown): MaiError {
  return new MaiError("state.invalid", `${source}: ${what}`, {
    hint: "Give what `mai state export` wrote, whole and unchanged.",
    cause,
  });
}
