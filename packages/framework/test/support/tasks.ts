/** Small tasks, function agents and a listener, for tests of the library's face. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  AgentDispatcher,
  createFarmTask,
  type FarmTask,
  type FunctionRun,
  functionAgent,
  isMaiError,
  type OrchestrationEvent,
  Orchestrator,
  type OrchestratorOptions,
} from "../../src/index.ts";

/** A task of type `test` with a name instead of a random id. */
export function task(taskId: string, more: Partial<FarmTask> = {}): FarmTask {
  return { ...createFarmTask("test", `do ${taskId}`, "it is done"), taskId, ...more };
}

/** An orchestrator whose only agent is `run`; closed when the test is over. */
export function orchestratorOf(
  run: FunctionRun,
  options: OrchestratorOptions & { readonly maxConcurrent?: number } = {},
): Orchestrator {
  const { maxConcurrent = 8, ...rest } = options;
  const agent = functionAgent({
    id: "worker",
    capabilities: ["implementation", "test", "review", "research"],
    maxConcurrent,
    run,
  });
  const orchestrator = new Orchestrator({ dispatcher: new AgentDispatcher(folder(), [agent]), ...rest });
  onTestFinished(() => orchestrator.close().catch(() => undefined));
  return orchestrator;
}

/** All events so far, and the same as short lines. */
export function listen(orchestrator: Orchestrator): { events: OrchestrationEvent[]; lines: string[] } {
  const events: OrchestrationEvent[] = [];
  const lines: string[] = [];
  orchestrator.on({
    onEvent: (event) => {
      events.push(event);
      lines.push(lineOf(event));
    },
  });
  return { events, lines };
}

function lineOf(event: OrchestrationEvent): string {
  switch (event.type) {
    case "task_queued":
      return `queued ${event.task.taskId}`;
    case "task_started":
      return `started ${event.taskId}`;
    case "task_progress":
      return `progress ${event.taskId} ${event.progress}`;
    case "task_completed":
      return `completed ${event.result.taskId}`;
    case "task_failed":
      return `failed ${event.taskId}`;
    case "batch_completed":
      return "batch";
  }
}

/** A new folder, removed when the test is over. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "mai-orchestrator-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A promise to be settled by the test. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** Work that ends when it is told to stop, and never before. */
export const untilStopped: FunctionRun = (_task, { signal }) =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });

/** The code of the error that something throws or rejects with. */
export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (isMaiError(error)) return error.code;
    throw error;
  }
  return "nothing was thrown";
}
