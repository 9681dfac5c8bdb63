/** What an orchestrator knows of its tasks at any moment, without asking the store. */
import {
  type AgentStatus,
  type FarmResult,
  type FarmTask,
  resultOf,
  type TaskState,
} from "mai-orchestration-core";

interface Entry {
  readonly task: FarmTask;
  status: AgentStatus;
  result: FarmResult | undefined;
  /** Those who wait for the result. */
  waiting: ((result: FarmResult) => void)[];
}

export class Ledger {
  readonly #entries = new Map<string, Entry>();
  /** Kept apart, so that asking what is open costs nothing after a million ends. */
  readonly #open = new Map<string, FarmTask>();

  /** Takes a task; one that it has stays as it is. */
  add(task: FarmTask, at: Date): void {
    const { taskId } = task;
    if (this.#entries.has(taskId)) return;
    const status: AgentStatus = { agentId: "", taskId, status: "queued", startTime: at, outputFile: "" };
    this.#entries.set(taskId, { task, status, result: undefined, waiting: [] });
    this.#open.set(taskId, task);
  }

  /** Takes over a task as a store has it. What ran when its engine was left is queued again. */
  adopt(state: TaskState, at: Date): void {
    this.add(state.spec, at);
    if (state.end !== null) this.ended(state);
  }

  task(taskId: string): FarmTask | undefined {
    return this.#entries.get(taskId)?.task;
  }

  result(taskId: string): FarmResult | undefined {
    return this.#entries.get(taskId)?.result;
  }

  status(taskId: string): AgentStatus | undefined {
    const status = this.#entries.get(taskId)?.status;
    return status === undefined ? undefined : { ...status };
  }

  /** Resolves with the result of a task that is known. */
  whenEnded(taskId: string): Promise<FarmResult> {
    const entry = this.#entries.get(taskId);
    if (entry?.result !== undefined) return Promise.resolve(entry.result);
    return new Promise((resolve) => entry?.waiting.push(resolve));
  }

  openTasks(): FarmTask[] {
    return [...this.#open.values()];
  }

  results(): FarmResult[] {
    return [...this.#entries.values()].flatMap((entry) => entry.result ?? []);
  }

  statuses(): AgentStatus[] {
    return [...this.#entries.values()].map(({ status }) => ({ ...status }));
  }

  started(taskId: string, agentId: string, outputFile: string, at: Date): void {
    this.#setStatus(taskId, { agentId, taskId, status: "running", startTime: at, outputFile });
  }

  progressed(taskId: string, progress: number): void {
    const status = this.#entries.get(taskId)?.status;
    if (status !== undefined) status.progress = progress;
  }

  /** Keeps the result of a task that ended; `undefined` when it was known before. */
  ended(state: TaskState): FarmResult | undefined {
    const { taskId } = state.spec;
    const at = new Date(state.end?.at ?? 0);
    this.add(state.spec, at);
    const entry = this.#entries.get(taskId);
    if (entry === undefined || entry.result !== undefined) return undefined;
    const result = resultOf(state);
    entry.result = result;
    this.#open.delete(taskId);
    const isSuccess = result.status === "success";
    this.#setStatus(taskId, {
      agentId: result.agentId,
      taskId: result.taskId,
      status: isSuccess ? "complete" : "failed",
      startTime: new Date(state.startedAt ?? at.getTime()),
      endTime: at,
      outputFile: result.outputFile ?? "",
      ...(isSuccess ? { progress: 100 } : {}),
    });
    return result;
  }

  /** Lets those go on who wait for a task that ended. */
  release(taskId: string, result: FarmResult): void {
    const entry = this.#entries.get(taskId);
    if (entry === undefined) return;
    const { waiting } = entry;
    entry.waiting = [];
    for (const resolve of waiting) resolve(result);
  }

  #setStatus(taskId: string, status: AgentStatus): void {
    const entry = this.#entries.get(taskId);
    if (entry !== undefined) entry.status = status;
  }
}
