/** What an orchestrator and a batch can be told; resolved once, here. */
import { MaiError } from "mai-orchestration-core";
import type { Store } from "mai-orchestration-engine";
import { type Durability, durabilities } from "mai-orchestration-sqlite";
import type { AgentDispatcher } from "../dispatcher/agent-dispatcher.ts";
import type { AgentRegistration } from "../dispatcher/agent-registration.ts";

/** What an {@link Orchestrator} can be told when it is made; read once, and refused when unknown. @public */
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
  /**
   * Milliseconds after this process was killed that another one has to take over before a small guard process ends
   * what was left running; `false` for no guard. Linux only.
   *
   * @defaultValue 60_000
   */
  guardAfter?: number | false;
}

/** What is decided once and for all when an orchestrator is made. */
export interface ResolvedOrchestratorOptions {
  readonly store: string | Store | undefined;
  readonly durability: Durability;
  readonly agents: readonly AgentRegistration[];
  readonly dispatcher: AgentDispatcher | undefined;
  readonly root: string;
  readonly outputDir: string | undefined;
  readonly parallel: number | null;
  /** `null` for no guard, `undefined` for the default. */
  readonly guardAfterMs: number | null | undefined;
}

/** Limits of one batch; unknown ones are refused. @public */
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

type Invalid = (name: string, what: string, hint: string) => MaiError;

const invalidOfBatch: Invalid = (name, what, hint) =>
  new MaiError("batch.invalid-option", `${name} ${what}`, { hint });

const invalidOfOrchestrator: Invalid = (name, what, hint) =>
  new MaiError("orchestrator.invalid-option", `${name} ${what}`, { hint });

const knownOptions = [
  "store",
  "durability",
  "agents",
  "dispatcher",
  "root",
  "outputDir",
  "parallel",
  "guardAfter",
];
const knownBatchOptions = ["parallel", "failFast", "timeout"];

/**
 * Fills in defaults; throws `orchestrator.invalid-option`.
 *
 * @param options - a text is the output folder, as in the original
 */
export function resolveOrchestratorOptions(
  options: OrchestratorOptions | string,
): ResolvedOrchestratorOptions {
  const given = typeof options === "string" ? { outputDir: options } : options;
  const invalid = invalidOfOrchestrator;
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw invalid("options", `are ${kindOf(given)}`, "Give an object, or the output folder as a text.");
  checkKnown(given, knownOptions, "an orchestrator", invalid);
  const {
    store,
    durability = "full",
    agents = [],
    dispatcher,
    root,
    outputDir,
    parallel,
    guardAfter,
  } = given;
  if (typeof store === "string") checkPath("store", store);
  else if (store !== undefined && !has(store, "submit"))
    throw invalid("store", `is ${kindOf(store)}`, "Give the path of a file, or a store.");
  if (!durabilities.includes(durability)) {
    throw invalid("durability", `is ${kindOf(durability)}`, `Known ones: ${durabilities.join(", ")}.`);
  }
  if (!Array.isArray(agents)) throw invalid("agents", `is ${kindOf(agents)}`, "Give a list of agents.");
  if (dispatcher !== undefined && !has(dispatcher, "registerAgent"))
    throw invalid("dispatcher", `is ${kindOf(dispatcher)}`, "Give an AgentDispatcher, or leave it out.");
  if (root !== undefined) checkPath("root", root);
  if (outputDir !== undefined) checkPath("outputDir", outputDir);
  if (parallel !== undefined) checkCount("parallel", parallel, invalid);
  if (guardAfter !== undefined && guardAfter !== false) checkMs("guardAfter", guardAfter, invalid);
  const guardAfterMs = guardAfter === false ? null : guardAfter;
  const resolved = { store, durability, agents, dispatcher, outputDir, guardAfterMs };
  return { ...resolved, root: root ?? process.cwd(), parallel: parallel ?? null };
}

/** Fills in defaults; throws `batch.invalid-option`. */
export function resolveBatchOptions(options: BatchOptions = {}): ResolvedBatchOptions {
  const { parallel = 3, failFast = false, timeout } = options;
  const invalid = invalidOfBatch;
  checkKnown(options, knownBatchOptions, "a batch", invalid);
  checkCount("parallel", parallel, invalid);
  if (typeof failFast !== "boolean")
    throw invalid("failFast", `is ${kindOf(failFast)}`, "Give true or false.");
  if (timeout !== undefined) checkMs("timeout", timeout, invalid);
  return { parallel, failFast, timeoutMs: timeout ?? null };
}

function checkKnown(options: object, known: readonly string[], whose: string, invalid: Invalid): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw invalid(unknown, `is not an option of ${whose}`, `Known ones: ${known.join(", ")}.`);
}

function checkCount(name: string, value: number, invalid: Invalid): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw invalid(name, `is ${kindOf(value)}`, "Give a whole number from 1.");
}

function checkMs(name: string, value: number, invalid: Invalid): void {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return;
  throw invalid(name, `is ${kindOf(value)}`, "Give a positive number of milliseconds, or leave it out.");
}

function checkPath(name: string, value: unknown): void {
  if (typeof value === "string" && value !== "" && !value.includes("\0")) return;
  throw invalidOfOrchestrator(name, `is ${kindOf(value)}`, "Give a path, or leave it out.");
}

function has(value: unknown, method: string): boolean {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, method) === "function";
}

/** How a message names a wrong value: in full where that is short. */
function kindOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
