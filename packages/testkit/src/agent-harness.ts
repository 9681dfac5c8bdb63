/** What the suite of agents must be given to test one. */
import type { FarmTask } from "mai-orchestration-core";
import type { Agent } from "mai-orchestration-engine";
import type { Trouble } from "./agent-troubles.ts";

/** What the suite must know of a kind of agent before it runs any. @public */
export interface AgentTraits {
  /** `known`: answers state tokens. `unknown`: nothing is stated. `none`: no model is used, all is 0. */
  readonly usage: "known" | "unknown" | "none";
  /** Whether its attempts are processes, which carry the mark. */
  readonly startsProcesses: boolean;
  /** Milliseconds within which an attempt is over after an abort, its processes included. */
  readonly settleWithinMs: number;
  /** Bytes that one attempt prints in the test of large output; `null` when it prints nothing. */
  readonly bigOutputBytes: number | null;
  /** Characters of the longest task it is given; `null` when it passes no task text on. */
  readonly bigPromptLength: number | null;
  /** Troubles that this kind of agent cannot have, each with the reason. It must show all others. */
  readonly cannot: Readonly<Partial<Record<Trouble, string>>>;
}

/** What a task is to make the agent do. @public */
export type WantedBehaviour =
  /** To be answered, within 30 seconds. */
  | { readonly type: "answer" }
  /** To end as failed. */
  | { readonly type: "fail" }
  /** To work until it is stopped; with processes, as one that is still there when asked politely to go. */
  | { readonly type: "wait" }
  /** To be answered after printing that much. Asked only with `bigOutputBytes`. */
  | { readonly type: "print"; readonly bytes: number }
  /** To run into this trouble. Asked for every one that is not declared in `cannot`. */
  | { readonly type: "trouble"; readonly trouble: Trouble };

/** An agent and how to make it show what it does. @public */
export interface AgentHarness {
  readonly agent: Agent;
  taskThat(wanted: WantedBehaviour): FarmTask;
  /** Resolves when a `wait` under this mark is at work; `null`: as soon as a marked process is seen, or at once without processes. */
  readonly whenAtWork: ((mark: string) => Promise<void>) | null;
  close(): Promise<void>;
}
