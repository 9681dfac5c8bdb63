import type { AgentStatus } from "./agent-status.ts";

/**
 * The statuses of agents, one for each agent and task: an agent that works on
 * three tasks has three. Takes and returns copies.
 *
 * @public
 */
export class AgentRegistry {
  /** In the order in which they were set. */
  readonly #statuses = new Map<string, AgentStatus>();
  readonly #newestOfAgent = new Map<string, string>();
  readonly #newestOfTask = new Map<string, string>();

  /** Keeps a status in place of the one of the same agent and task, as the newest of both. */
  set(agentId: string, status: AgentStatus): void {
    const key = keyOf(agentId, status.taskId);
    this.#statuses.delete(key);
    this.#statuses.set(key, { ...status, agentId });
    this.#newestOfAgent.set(agentId, key);
    this.#newestOfTask.set(status.taskId, key);
  }

  /** The newest status of an agent, or the one it has for `taskId`. */
  get(agentId: string, taskId?: string): AgentStatus | undefined {
    return this.#read(taskId === undefined ? this.#newestOfAgent.get(agentId) : keyOf(agentId, taskId));
  }

  /** The newest status for a task, whichever agent it is of. */
  getByTask(taskId: string): AgentStatus | undefined {
    return this.#read(this.#newestOfTask.get(taskId));
  }

  /** Queued or running. */
  getActive(): AgentStatus[] {
    return this.getAll().filter(({ status }) => status === "queued" || status === "running");
  }

  getCompleted(): AgentStatus[] {
    return this.getAll().filter(({ status }) => status === "complete");
  }

  getFailed(): AgentStatus[] {
    return this.getAll().filter(({ status }) => status === "failed");
  }

  /**
   * Changes fields of an agent's status for `changes.taskId`, of its newest one
   * when that is absent. Does nothing when there is no such status.
   */
  update(agentId: string, changes: Partial<AgentStatus>): void {
    const known = this.get(agentId, changes.taskId);
    if (known === undefined) return;
    this.#statuses.set(keyOf(agentId, known.taskId), { ...known, ...changes, agentId, taskId: known.taskId });
  }

  /** Forgets all statuses of an agent, or the one for `taskId`. Returns whether there was any. */
  remove(agentId: string, taskId?: string): boolean {
    const left = this.getAll().filter(
      (status) => status.agentId !== agentId || (taskId !== undefined && status.taskId !== taskId),
    );
    if (left.length === this.size) return false;
    this.clear();
    for (const status of left) this.set(status.agentId, status);
    return true;
  }

  /** In the order in which they were set. */
  getAll(): AgentStatus[] {
    return [...this.#statuses.values()].map((status) => ({ ...status }));
  }

  get size(): number {
    return this.#statuses.size;
  }

  clear(): void {
    this.#statuses.clear();
    this.#newestOfAgent.clear();
    this.#newestOfTask.clear();
  }

  #read(key: string | undefined): AgentStatus | undefined {
    const status = key === undefined ? undefined : this.#statuses.get(key);
    return status && { ...status };
  }
}

function keyOf(agentId: string, taskId: string): string {
  return JSON.stringify([agentId, taskId]);
}
