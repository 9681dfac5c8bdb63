/** A way to do tasks, not yet an agent: an agent is a backend with a name, capabilities and a cap. */
import type { AgentContext, AgentOutcome, AgentTask } from "mai-orchestration-engine";

/** A way to do tasks, from which {@link backendAgent} makes an agent. @public */
export interface Backend {
  /** How it is reached: `command`, `claude-code`. */
  readonly name: string;
  /** Counted attempts a task may have when it does not say. */
  readonly maxAttempts: number;
  /** Whether its attempts say what they cost, in US dollars. @defaultValue false */
  readonly statesCost?: boolean;
  /** Values that nothing which is kept may show: secrets among the variables of its own. */
  readonly secrets?: readonly string[];
  /** Never rejects; settles with no process left after an abort. */
  run(task: AgentTask, context: AgentContext): Promise<AgentOutcome>;
  /**
   * Goes on with an attempt whose engine is dead, as `Agent.adopt` says. Absent where that needs a live pipe: then its
   * processes are ended, and the next attempt begins.
   */
  adopt?(task: AgentTask, context: AgentContext): Promise<AgentOutcome | null>;
}
