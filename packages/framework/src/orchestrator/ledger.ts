/** What an orchestrator knows of its tasks at any moment, without asking the store. */
import { type FarmResult, type FarmTask, resultOf, type TaskState } from "mai-orchestration-core";
import type { AgentStatus } from "mai-orchestration-core/seed";

interface Entry {
  readonly task: FarmTask;
  readonly queuedAt: Date;
  /** The newest attempt that runs, or how the task ended; `null` before the first. */
  state: TaskState | null;
  progress: number | null;
  result: FarmResult | undefined;
  /** Those who wait for the result. */
  waiting: ((result: FarmResult) => void)[] | null;
}

export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #outputFileOf: (state: TaskState) => string;

  /** @param outputFileOf - names the file that a running attempt prints to; empty when it prints to none */
  constructor(outputFileOf: (state: TaskState) => string) {
    this.#outputFileOf = outputFileOf;
  }

  /** Takes a task; one that it has stays as it is. */
  add(task: FarmTask, queuedAt: Date): void {
    if (this.#entries.has(task.taskId)) return;
    const entry = { task, queuedAt, state: null, progress: null, result: undefined, waiting: null };
    this.#entries.set(task.taskId, entry);
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
    const entry = this.#entries.get(taskId);
    return entry === undefined ? undefined : this.#statusOf(entry);
  }

  /** Resolves with the result of a task that is known. */
  whenEnded(taskId: string): Promise<FarmResult> {
    const entry = this.#entries.get(taskId);
    if (entry?.result !== undefined) return Promise.resolve(entry.result);
    return new Promise((resolve) => {
      if (entry === undefined) return;
      if (entry.waiting === null) entry.waiting = [resolve];
      else entry.waiting.push(resolve);
    });
  }

  openTasks(): FarmTask[] {
    return [...this.#entries.values()].flatMap(({ task, result }) => (result === undefined ? [task] : []));
  }

  results(): FarmResult[] {
    return [...this.#entries.values()].flatMap((entry) => entry.result ?? []);
  }

  statuses(): AgentStatus[] {
    return [...this.#entries.values()].map((entry) => this.#statusOf(entry));
  }

  started(state: TaskState): void {
    const entry = this.#entries.get(state.spec.taskId);
    if (entry === undefined) return;
    entry.state = state;
    entry.progress = null;
  }

  progressed(taskId: string, progress: number): void {
    const entry = this.#entries.get(taskId);
    if (entry !== undefined) entry.progress = progress;
  }

  /** Keeps the result of a task that ended; `undefined` when it was known before. */
  ended(state: TaskState): FarmResult | undefined {
    const { taskId } = state.spec;
    let entry = this.#entries.get(taskId);
    if (entry === undefined) {
      this.add(state.spec, new Date(state.end?.at ?? 0));
      entry = this.#entries.get(taskId);
    }
    if (entry === undefined || entry.result !== undefined) return undefined;
    entry.state = state;
    entry.result = resultOf(state);
    return entry.result;
  }

  /** Lets those go on who wait for a task that ended. */
  release(taskId: string, result: FarmResult): void {
    const entry = this.#entries.get(taskId);
    if (entry === undefined || entry.waiting === null) return;
    const { waiting } = entry;
    entry.waiting = null;
    for (const resolve of waiting) resolve(result);
  }

  #statusOf({ task: { taskId }, queuedAt, state, progress, result }: Entry): AgentStatus {
    if (state === null) {
      return { agentId: "", taskId, status: "queued", startTime: queuedAt, outputFile: "" };
    }
    const startTime = new Date(state.startedAt ?? state.end?.at ?? queuedAt);
    const reached = progress === null ? {} : { progress };
    if (result === undefined || state.end === null) {
      const outputFile = this.#outputFileOf(state);
      return { agentId: state.agentId ?? "", taskId, status: "running", startTime, outputFile, ...reached };
    }
    const { agentId, outputFile = "" } = result;
    const end = { agentId, taskId, startTime, endTime: new Date(state.end.at), outputFile };
    if (result.status === "success") return { ...end, status: "complete", progress: 100 };
    return { ...end, status: "failed", ...reached };
  }
}
