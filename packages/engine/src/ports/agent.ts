/** How the engine reaches those who do the work. Adapters live in mai-orchestration-agents. */
import type { Capacity, FailureKind, FarmTask, ModelUsage, Usage } from "mai-orchestration-core";

/** What an attempt is asked to do. @public */
export interface AgentTask {
  readonly runId: string;
  readonly task: FarmTask;
  /** Numbered from 1. */
  readonly attempt: number;
  /** Why the last attempt did not succeed; `null` on the first. */
  readonly feedback: string | null;
  /** The agent program's session of an earlier attempt, to be continued where the backend can. */
  readonly sessionId: string | null;
}

/** What an agent may say while it works; every field may be left out. @public */
export interface AgentReport {
  /** Percent, 0 to 100. */
  readonly progress?: number;
  /** One line for people to watch. Nothing is decided from it. */
  readonly message?: string;
  readonly sessionId?: string;
  /** The call of a tool that is under way, in a few words; `null` when none is. While one is, silence is no stall. */
  readonly call?: string | null;
}

/** Where an attempt works, and how it hears and is heard while it does. @public */
export interface AgentContext {
  /** Aborts on cancel, timeout, interruption and shutdown. Stop the work, then settle. */
  readonly signal: AbortSignal;
  /** The directory to work in, absolute. */
  readonly workspace: string;
  /** The root of the run, absolute. */
  readonly root: string;
  /** The file that everything the attempt prints goes to, absolute; its folder exists by the time the attempt runs. */
  readonly outputFile: string;
  /** Stands in the environment (`MAI_MARK`) of every process started for this attempt, so that whatever dies, the mark finds them. */
  readonly mark: string;
  /** Shows a sign of life, progress, or the session. Dropped once `run` has settled. */
  report(report: AgentReport): void;
}

interface Said {
  /** What the agent said; at most 64 KB are kept, the rest is in the output file. */
  readonly output: string;
  readonly artifacts?: readonly string[];
  /** What a person should know, such as a refused permission. */
  readonly issues?: readonly string[];
  readonly sessionId?: string | null;
  /** What fits the task's `outputSchema`, as plain data of at most 64 KB; absent without one. */
  readonly structuredOutput?: unknown;
  /** Classes that are unknown are `null`. */
  readonly usage: Usage;
  /** The same by model, where the agent says which models it asked. */
  readonly models?: ModelUsage;
}

/** How an attempt ended. An agent that crashed is an outcome like any other. @public */
export type AgentOutcome =
  | ({ readonly type: "answered" } & Said)
  | ({
      readonly type: "failed";
      /** One line. */
      readonly reason: string;
      /** What kind of failure; `timeout` only for limits the agent itself keeps. */
      readonly kind: FailureKind;
      /** When a quota opens again, Unix milliseconds. */
      readonly retryAt?: number;
    } & Said);

/**
 * Somebody who can do tasks.
 *
 * Contract, checked by `describeAgent` of mai-orchestration-testkit:
 * - `run` never rejects; failures are outcomes.
 * - After `signal` aborts, `run` settles and no process it started is alive.
 * - Nothing is reported once `run` has settled.
 * - An agent never retries and never decides; usage it does not know is `null`.
 *
 * @public
 */
export interface Agent extends Capacity {
  /** How it is reached: `function`, `command`, `claude-code`, ... */
  readonly backend: string;
  /** Values that nothing which is kept may show, such as keys that it gives to its processes. */
  readonly secrets?: readonly string[];
  /** Whether its prose attempts say what they cost, in US dollars. @defaultValue false */
  readonly statesCost?: boolean;
  /**
   * Agents, by id, that stand in for it while its account has no quota, no login or no service, in this order. They may
   * do what it may do, and no more: that is for whoever names them to see to.
   */
  readonly fallback?: readonly string[];
  /** Counted attempts a task may have when it does not say: 1 for commands and functions, 2 with a model. */
  maxAttemptsFor(task: FarmTask): number;
  run(task: AgentTask, context: AgentContext): Promise<AgentOutcome>;
  /**
   * Goes on with an attempt that another process began with `run` and did not live to see the end of: follows its
   * process while that lives, or reads what it left in `context.outputFile` when it has ended. Resolves `null` when
   * nothing can be told of how it ended; then what is left of it is ended and the next attempt begins. Otherwise bound
   * as `run` is, and starts nothing. Absent: such an attempt is always ended.
   */
  adopt?(task: AgentTask, context: AgentContext): Promise<AgentOutcome | null>;
}
