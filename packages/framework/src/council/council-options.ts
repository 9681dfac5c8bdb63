/** What a council can be told; resolved once, here. */

import {
  type Check,
  type CouncilSeat,
  type CouncilSettings,
  type CouncilStrategy,
  councilStrategies,
  type FarmTask,
  MaiError,
  nearest,
  seatId,
} from "mai-orchestration-core";
import { namedSeat } from "mai-orchestration-council";
import type { Store } from "mai-orchestration-engine";
import type { AgentRegistration } from "../dispatcher/agent-registration.ts";

/** Where a council is held, and by whom. @public */
export interface CouncilPlace {
  /** The path of a SQLite file, or a store. @defaultValue in memory */
  readonly store?: string | Store;
  /** Agents beside the three defaults; one with the id of a default takes its place. */
  readonly agents?: readonly AgentRegistration[];
  /** The folder in which tasks work. @defaultValue `process.cwd()` */
  readonly root?: string;
  /** A folder that gets result and session file, relative to the root. @defaultValue none */
  readonly outputDir?: string;
}

/** What {@link runCouncil} takes: the original's options, and those of the engine. @public */
export interface CouncilOptions extends CouncilPlace {
  readonly topic: string;
  readonly context?: string | readonly string[];
  /** Roles, or seats with more to say of them. @defaultValue "auto": a product manager, a tech lead, a security engineer */
  readonly roster?: "auto" | readonly (string | CouncilSeat)[];
  /** @defaultValue 3 */
  readonly maxRounds?: number;
  /** How much the transcript shows: all of it. */
  readonly visibility?: "full";
  /** @defaultValue "consensus" */
  readonly synthesisStrategy?: CouncilStrategy;
  /** 0 to 1. @defaultValue 0.3 */
  readonly conflictThreshold?: number;
  /** Whether action items are done and reviewed. @defaultValue false */
  readonly execute?: boolean;
  /** How often a task that the panel blocks is done again at most. @defaultValue 1 */
  readonly retries?: number;
  /** Checks that every task of an action item must pass. */
  readonly verify?: readonly Check[];
  /** The agent of seats that name none. @defaultValue any that can */
  readonly agent?: string;
  /** Milliseconds one attempt may take. @defaultValue no limit */
  readonly timeout?: number;
  /** Attempts that may run at once. @defaultValue as many as the agents allow */
  readonly parallel?: number;
}

/** What `resumeCouncil` takes. @public */
export interface ResumeCouncilOptions extends CouncilPlace {
  readonly runId: string;
  readonly store: string | Store;
}

/** @internal */
export interface ResolvedCouncilOptions {
  readonly task: FarmTask;
  readonly store: string | Store | undefined;
  readonly agents: readonly AgentRegistration[];
  readonly root: string;
  readonly outputDir: string | null;
  readonly parallel: number | null;
}

const known: readonly string[] = [
  "topic",
  "context",
  "roster",
  "maxRounds",
  "visibility",
  "synthesisStrategy",
  "conflictThreshold",
  "execute",
  "retries",
  "verify",
  "agent",
  "timeout",
  "parallel",
  "store",
  "agents",
  "root",
  "outputDir",
];

/** Fills in defaults; throws `council.invalid-option`. @internal */
export function resolveCouncilOptions(options: CouncilOptions): ResolvedCouncilOptions {
  if (typeof options !== "object" || options === null)
    throw invalid("options", "are no object", "Give a topic.");
  refuseUnknown(options);
  const { store, agents = [], root = process.cwd(), outputDir = null, parallel = null } = options;
  if (parallel !== null) checkCount("parallel", parallel, 1);
  return { task: taskOf(options), store, agents, root, outputDir, parallel };
}

function refuseUnknown(options: CouncilOptions): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === "adapters")
    throw invalid(
      unknown,
      "are not called here",
      "Read the run's journal, which says everything as it happens.",
    );
  if (unknown !== undefined) {
    const meant = nearest(unknown, known);
    const hint = meant === undefined ? `Known ones: ${known.join(", ")}.` : `Did you mean ${meant}?`;
    throw invalid(unknown, "is not an option of a council", hint);
  }
  if (options.visibility !== undefined && options.visibility !== "full")
    throw invalid("visibility", "can only be full", "Leave it out; the transcript holds everything.");
}

function taskOf(options: CouncilOptions): FarmTask {
  const { topic, context = [], verify, agent, timeout } = options;
  if (typeof topic !== "string" || topic.trim() === "" || topic.includes("\0"))
    throw invalid("topic", "must be a text that is not empty", "Say what the panel is to decide.");
  const texts = (typeof context === "string" ? [context] : [...context]).filter((text) => text.trim() !== "");
  if (timeout !== undefined && !(Number.isFinite(timeout) && timeout > 0))
    throw invalid("timeout", "is no positive number of milliseconds", "Leave it out for no limit.");
  return {
    taskId: "council",
    type: "research",
    description: topic.trim(),
    context: texts,
    constraints: [],
    successCriteria: "the panel knows what to do, and who does it",
    council: settingsOf(options),
    ...(verify === undefined ? {} : { verify: verify.map((check) => ({ ...check })) }),
    ...(agent === undefined ? {} : { agent }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

function settingsOf(options: CouncilOptions): CouncilSettings {
  const { maxRounds, synthesisStrategy, conflictThreshold, execute, retries } = options;
  if (maxRounds !== undefined) checkCount("maxRounds", maxRounds, 1);
  if (retries !== undefined) checkCount("retries", retries, 0);
  if (synthesisStrategy !== undefined && !councilStrategies.includes(synthesisStrategy))
    throw invalid("synthesisStrategy", "is not known", `Known ones: ${councilStrategies.join(", ")}.`);
  if (conflictThreshold !== undefined && !(conflictThreshold >= 0 && conflictThreshold <= 1))
    throw invalid("conflictThreshold", "is no number from 0 to 1", "Leave it out for 0.3.");
  const roster = rosterOf(options.roster);
  return {
    ...(roster === null ? {} : { roster }),
    ...(maxRounds === undefined ? {} : { rounds: maxRounds }),
    ...(synthesisStrategy === undefined ? {} : { strategy: synthesisStrategy }),
    ...(conflictThreshold === undefined ? {} : { conflictThreshold }),
    ...(execute === undefined ? {} : { execute }),
    ...(retries === undefined ? {} : { retries }),
  };
}

function rosterOf(roster: CouncilOptions["roster"]): CouncilSeat[] | null {
  if (roster === undefined || roster === "auto") return null;
  if (!Array.isArray(roster) || roster.length === 0)
    throw invalid("roster", 'is neither "auto" nor a list of roles', "Give at least one role.");
  const seats = roster.map((seat: string | CouncilSeat) =>
    typeof seat === "string" ? namedSeat(seat, []) : seat,
  );
  const names = seats.map((seat) => seat?.name ?? seat?.role);
  if (names.some((name) => typeof name !== "string" || name.trim() === ""))
    throw invalid("roster", "has a seat without a role", "Give every seat a `role`.");
  if (new Set(names.map(seatId)).size < seats.length)
    throw invalid("roster", "has two seats of one name", "Give one of them a `name` of its own.");
  return seats;
}

function checkCount(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw invalid(name, `is no whole number from ${least}`, "Leave it out for the default.");
}

function invalid(name: string, what: string, hint: string): MaiError {
  return new MaiError("council.invalid-option", `${name} ${what}`, { hint });
}
