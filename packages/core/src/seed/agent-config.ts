import type { TaskType } from "../task.ts";

/**
 * An agent as the original described it. Packages that know how to reach agents
 * extend this with how one is run.
 *
 * @public
 */
export interface AgentConfig {
  id: string;
  name: string;
  /** The types of task it can do. */
  capabilities: TaskType[];
  /** Attempts of it that may run at once. */
  maxConcurrent: number;
  /** Attempts of it that run now. */
  currentLoad: number;
}
