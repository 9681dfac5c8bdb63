import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { createFarmResult } from "../../src/index.ts";
import {
  aggregateResults,
  createBatchCompletedEvent,
  createFarmTask,
  createTaskCompletedEvent,
  createTaskFailedEvent,
  createTaskProgressEvent,
  createTaskQueuedEvent,
  createTaskStartedEvent,
  LoggingEventHandler,
  type OrchestrationEvent,
  OrchestrationEventEmitter,
} from "../../src/seed/index.ts";

let printed: MockInstance<(...parts: unknown[]) => void>;
let complained: MockInstance<(...parts: unknown[]) => void>;
beforeEach(() => {
  printed = vi.spyOn(console, "log").mockReturnValue();
  complained = vi.spyOn(console, "error").mockReturnValue();
});
afterEach(() => vi.restoreAllMocks());

const started = createTaskStartedEvent("t", "a");

describe("an emitter", () => {
  test("hands an event at once to every handler in the order of registration, to each once", () => {
    const emitter = new OrchestrationEventEmitter();
    const heard: string[] = [];
    const first = { onEvent: (event: OrchestrationEvent) => heard.push(`first ${event.type}`) };
    emitter.on(first);
    emitter.on({ onEvent: (event) => heard.push(`second ${event.type}`) });
    emitter.on(first);

    emitter.emit(started);

    expect(heard).toEqual(["first task_started", "second task_started"]);
    expect(emitter.handlerCount).toBe(2);
  });

  test("hands nothing to a handler that was taken off, and nothing to anybody once cleared", () => {
    const emitter = new OrchestrationEventEmitter();
    const heard: string[] = [];
    const first = { onEvent: () => heard.push("first") };
    emitter.on(first);
    emitter.on({ onEvent: () => heard.push("second") });

    emitter.off(first);
    emitter.emit(started);
    emitter.clear();
    emitter.emit(started);

    expect(heard).toEqual(["second"]);
    expect(emitter.handlerCount).toBe(0);
  });

  test("keeps to those who listened when the event came, though handlers come and go meanwhile", () => {
    const emitter = new OrchestrationEventEmitter();
    const heard: string[] = [];
    const second = { onEvent: () => heard.push("second") };
    emitter.on({
      onEvent: () => {
        heard.push("first");
        emitter.off(second);
        emitter.on({ onEvent: () => heard.push("late") });
      },
    });
    emitter.on(second);

    emitter.emit(started);

    expect(heard).toEqual(["first", "second"]);
  });

  test("reports a handler that throws and goes on with the next", () => {
    const emitter = new OrchestrationEventEmitter();
    const broken = new Error("broken");
    const heard: string[] = [];
    emitter.on({
      onEvent: () => {
        throw broken;
      },
    });
    emitter.on({ onEvent: () => heard.push("second") });

    emitter.emit(started);

    expect(heard).toEqual(["second"]);
    expect(complained.mock.calls).toEqual([["Event handler error:", broken]]);
  });

  test("reports a handler whose promise rejects, and leaves no rejection unhandled", async () => {
    const emitter = new OrchestrationEventEmitter();
    const broken = new Error("broken later");
    emitter.on({ onEvent: () => Promise.reject(broken) });
    emitter.on({ onEvent: async () => {} });

    emitter.emit(started);
    await vi.waitFor(() => expect(complained).toHaveBeenCalled());

    expect(complained.mock.calls).toEqual([["Event handler error:", broken]]);
  });
});

describe("events", () => {
  const task = createFarmTask("test", "d", "s");
  const result = createFarmResult("t", "a", "failure", "boom");
  const results = aggregateResults([result]);

  test("carry what the original's carried", () => {
    expect(createTaskQueuedEvent(task)).toEqual({ type: "task_queued", task });
    expect(started).toEqual({ type: "task_started", taskId: "t", agentId: "a" });
    expect(createTaskProgressEvent("t", 40)).toEqual({ type: "task_progress", taskId: "t", progress: 40 });
    expect(createTaskCompletedEvent(result)).toEqual({ type: "task_completed", result });
    expect(createTaskFailedEvent("t", "boom")).toEqual({ type: "task_failed", taskId: "t", error: "boom" });
    expect(createBatchCompletedEvent(results)).toEqual({ type: "batch_completed", results });
  });

  test.each([
    [createTaskQueuedEvent(task), `Task queued: ${task.taskId}`],
    [started, "Task started: t (agent: a)"],
    [createTaskProgressEvent("t", 40), "Task progress: t - 40%"],
    [createTaskCompletedEvent(result), "Task completed: t - failure"],
    [createTaskFailedEvent("t", "boom\n  at x.ts:1\r\n", result), "Task failed: t - boom at x.ts:1"],
    [createBatchCompletedEvent(results), "Batch completed: 1 tasks: 1 failed"],
  ] as const)("are logged one line each with the time: %#", (event, text) => {
    new LoggingEventHandler().onEvent(event);

    expect(printed).toHaveBeenCalledTimes(1);
    const [line] = printed.mock.calls[0] ?? [];
    const [, time = "", said] = /^\[(\S+)\] (.*)$/.exec(String(line)) ?? [];
    expect(new Date(time).toISOString()).toBe(time);
    expect(said?.trimEnd()).toBe(text);
  });
});
