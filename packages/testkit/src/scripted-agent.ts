/** An agent without a model or a process: it does what a test or a simulation says, on any clock. */
import type { FarmTask, TaskType } from "mai-orchestration-core";
import { taskTypes, unknownUsage } from "mai-orchestration-core";
import type {
  Agent,
  AgentContext,
  AgentOutcome,
  AgentReport,
  AgentTask,
  Clock,
} from "mai-orchestration-engine";
import { systemClock } from "mai-orchestration-engine";

/** What the agent does with one attempt. @public */
export interface ScriptedBehaviour {
  /** Milliseconds of work; `null` when it never ends by itself. @defaultValue 0 */
  readonly durationMs?: number | null;
  /** How the attempt ends. @defaultValue answered `done`, usage unknown */
  readonly outcome?: AgentOutcome;
  /**
   * What is reported, and when, garbage included. Reports due after the end of
   * the work are made although `run` has settled, which the contract forbids.
   */
  readonly reports?: readonly { readonly afterMs: number; readonly report: AgentReport }[];
  /**
   * Milliseconds from an abort to settling; `null` when an abort changes
   * nothing, so that the answer comes late or, with no duration, never.
   *
   * @defaultValue 0
   */
  readonly stopMs?: number | null;
  /** Rejects with this instead of resolving, which the contract forbids. */
  readonly reject?: unknown;
}

/** Who a scripted agent is, and what it does in each attempt. @public */
export interface ScriptedAgentOptions {
  readonly id: string;
  /** @defaultValue all */
  readonly capabilities?: readonly TaskType[];
  /** @defaultValue 1 */
  readonly maxConcurrent?: number;
  /** @defaultValue the system's */
  readonly clock?: Clock;
  /** Counted attempts a task may have when it does not say. @defaultValue 1 */
  readonly maxAttempts?: number;
  /** Whether it does tasks with a command. @defaultValue false */
  readonly commands?: boolean;
  /** Whether it does tasks without one. @defaultValue true */
  readonly prose?: boolean;
  /** Who stands in for it. @defaultValue nobody */
  readonly fallback?: readonly string[];
  /** Called as an attempt starts. @defaultValue every attempt is answered at once */
  readonly behave?: (task: FarmTask, attempt: number, asked: AgentTask) => ScriptedBehaviour;
}

/**
 * Makes an agent that does what a test tells it, and takes its time on a clock
 * of the test's choice.
 *
 * @public
 */
export function scriptedAgent(options: ScriptedAgentOptions): Agent {
  const { id, capabilities = taskTypes, maxConcurrent = 1, clock = systemClock, maxAttempts = 1 } = options;
  const { commands = false, prose = true, fallback = [], behave = () => ({}) } = options;
  return {
    agentId: id,
    backend: "scripted",
    capabilities,
    maxConcurrent,
    commands,
    prose,
    fallback,
    maxAttemptsFor: () => maxAttempts,
    run: (asked, context) => play(behave(asked.task, asked.attempt, asked), context, clock),
  };
}

/** Plays the behaviour through. Nothing here is awaited, so that the clock alone decides the order of things. */
function play(behaviour: ScriptedBehaviour, context: AgentContext, clock: Clock): Promise<AgentOutcome> {
  const { durationMs = 0, outcome = done, reports = [], stopMs = 0 } = behaviour;
  const { signal } = context;
  return new Promise((resolve, reject) => {
    const cancels = reports.map(({ afterMs, report }) =>
      clock.timer(afterMs, () => context.report(report), true),
    );
    const settle = (result: AgentOutcome): void => {
      signal.removeEventListener("abort", stop);
      if ("reject" in behaviour) reject(behaviour.reject);
      else resolve(result);
    };
    const cancelEnd = durationMs === null ? () => {} : clock.timer(durationMs, () => settle(outcome), true);
    const stop = (): void => {
      if (stopMs === null) return;
      signal.removeEventListener("abort", stop);
      cancelEnd();
      for (const cancel of cancels) cancel();
      if (stopMs === 0) settle(stopped);
      else clock.timer(stopMs, () => settle(stopped), true);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
  });
}

const done: AgentOutcome = { type: "answered", output: "done", usage: unknownUsage };
const stopped: AgentOutcome = {
  type: "failed",
  reason: "stopped before it was done",
  kind: "transient",
  output: "",
  usage: unknownUsage,
};
