/** What an orchestrator and a batch can be told; resolved once, here. */
import { MaiError } from "mai-orchestration-core";
import type { Store } from "mai-orchestration-engine";
import type { Durability } from "mai-orchestration-sqlite";
import type { AgentDispatcher } from "../dispatcher/agent-dispatcher.ts";
import type { AgentRegistration } from "../dispatcher/agent-registration.ts";

/** @public */
export interface OrchestratorOptions {
  /**
   * Where tasks and journal live: a path of a SQLite file, or a store.
   * @defaultValue in memory, gone with this process
   */
  store?: string | Store;
  /**
   * What a commit to a store given as a path survives: `full` a power cut, `normal` only the death of processes.
   * @defaultValue "full"
   */
  durability?: Durability;
  /** Agents beside the three defaults; one with the id of a default takes its place. */
  agents?: readonly AgentRegistration[];
  /** A dispatcher of your own instead. */
  dispatcher?: AgentDispatcher;
  /** The folder in which tasks work. @defaultValue `process.cwd()` */
  root?: string;
  /** Where `dispatcher.dispatch` creates output files. */
  outputDir?: string;
  /** Attempts of this orchestrator that may run at once, over all its batches. @defaultValue as many as the agents allow */
  parallel?: number;
}

/** @public */
export interface BatchOptions {
  /** Tasks of the batch that may run at once. @defaultValue 3 */
  parallel?: number;
  /** Whether the first task that fails cancels the others, running ones included. @defaultValue false */
  failFast?: boolean;
  /** Milliseconds for the whole batch; what has not ended then is cancelled. @defaultValue none */
  timeout?: number;
}

export interface ResolvedBatchOptions {
  readonly parallel: number;
  readonly failFast: boolean;
  readonly timeoutMs: number | null;
}

const knownBatchOptions = ["parallel", "failFast", "timeout"];

/** Fills in defaults; throws `batch.invalid-option`. */
export function resolveBatchOptions(options: BatchOptions = {}): ResolvedBatchOptions {
  const { parallel = 3, failFast = false, timeout } = options;
  const unknown = Object.keys(options).find((key) => !knownBatchOptions.includes(key));
  if (unknown !== undefined)
    throw invalid(unknown, "is not an option of a batch", `Known ones: ${knownBatchOptions.join(", ")}.`);
  checkCount("parallel", parallel);
  if (typeof failFast !== "boolean")
    throw invalid("failFast", `is ${String(failFast)}`, "Give true or false.");
  if (timeout !== undefined && !(typeof timeout === "number" && Number.isFinite(timeout) && timeout > 0)) {
    throw invalid(
      "timeout",
      `is ${String(timeout)}`,
      "Give a positive number of milliseconds, or leave it out.",
    );
  }
  return { parallel, failFast, timeoutMs: timeout ?? null };
}

/** Throws `batch.invalid-option` unless `value` is a whole number from 1. */
export function checkCount(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw invalid(name, `is ${String(value)}`, "Give a whole number from 1.");
}

function invalid(name: string, what: string, hint: string): MaiError {
  return new MaiError("batch.invalid-option", `${name} ${what}`, { hint });
}
