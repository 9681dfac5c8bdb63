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
  status: AgentStatus | undefined;
  result: FarmResult | undefined;
}

export class Ledger {
  readonly #entries = new Map<string, Entry>();
  /** Kept apart, so that asking what is open costs nothing after a million ends. */
  readonly #open = new Map<string, FarmTask>();

  add(task: FarmTask): void {
    this.#entries.set(task.taskId, { task, status: undefined, result: undefined });
    this.#open.set(task.taskId, task);
  }

  /** Takes over a task as a store has it. */
  adopt(state: TaskState): void {
    this.add(state.spec);
    if (state.end !== null) this.ended(state, new Date(state.end.at));
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

  openTasks(): FarmTask[] {
    return [...this.#open.values()];
  }

  results(): FarmResult[] {
    return [...this.#entries.values()].flatMap((entry) => entry.result ?? []);
  }

  statuses(): AgentStatus[] {
    return [...this.#entries.values()].flatMap(({ status }) => (status === undefined ? [] : { ...status }));
  }

  queued(taskId: string, at: Date): void {
    this.#setStatus(taskId, { agentId: "", taskId, status: "queued", startTime: at, outputFile: "" });
  }

  started(taskId: string, agentId: string, outputFile: string, at: Date): void {
    this.#setStatus(taskId, { agentId, taskId, status: "running", startTime: at, outputFile });
  }

  progressed(taskId: string, progress: number): void {
    const status = this.#entries.get(taskId)?.status;
    if (status !== undefined) status.progress = progress;
  }

  /** Keeps the result; the same one is returned however often the end is told. */
  ended(state: TaskState, at: Date): FarmResult {
    const entry = this.#entries.get(state.spec.taskId);
    const result = entry?.result ?? resultOf(state);
    if (entry === undefined || entry.result !== undefined) return result;
    entry.result = result;
    this.#open.delete(state.spec.taskId);
    const isSuccess = result.status === "success";
    this.#setStatus(state.spec.taskId, {
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

  clear(): void {
    this.#entries.clear();
    this.#open.clear();
  }

  #setStatus(taskId: string, status: AgentStatus): void {
    const entry = this.#entries.get(taskId);
    if (entry !== undefined) entry.status = status;
  }
}
