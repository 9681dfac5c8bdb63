/** An engine, a memory store and scripted agents on one virtual clock. */
import type { FarmTask, JournalEntry, Receipt, TaskState } from "mai-orchestration-core";
import type { ScriptedAgentOptions } from "mai-orchestration-testkit";
import { scriptedAgent, VirtualClock } from "mai-orchestration-testkit";
import {
  type Agent,
  type Clock,
  type Custody,
  type DriveEnd,
  type DriveOptions,
  Engine,
  fixedRoster,
  type MemoryStore,
  memoryStore,
  type RunCheck,
  type Store,
  type Vitals,
  type Workplace,
} from "../../src/index.ts";

export const runId = "run-1";

export interface WorldOptions {
  readonly agents?: readonly Omit<ScriptedAgentOptions, "clock">[];
  /** How the agents are reached. @defaultValue `scripted` */
  readonly backend?: string;
  /** Agents as they are, after the scripted ones. */
  readonly others?: readonly Agent[];
  readonly clock?: VirtualClock;
  readonly store?: Store;
  readonly runCheck?: RunCheck;
  readonly checkSlots?: number;
  readonly custody?: Partial<Custody>;
  readonly workerId?: string;
  readonly workplace?: Partial<Workplace>;
  readonly vitals?: Vitals;
}

export interface World {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly engine: Engine;
  /** `started a#1 @0`, `40% a @1000`, `ended a verified @2000`, in the order the observer was told. */
  readonly told: string[];
  readonly ended: TaskState[];
  submit(tasks: readonly FarmTask[], parallel?: number): Promise<void>;
  /** Drives the run and lets time pass until that is over. */
  drive(options?: Partial<DriveOptions>): Promise<DriveEnd>;
  start(options?: Partial<DriveOptions>): ReturnType<Engine["drive"]>;
  state(taskId: string): Promise<TaskState>;
  journal(): Promise<readonly JournalEntry[]>;
}

export function world(options: WorldOptions = {}): World {
  const clock = options.clock ?? new VirtualClock();
  const store = options.store ?? memoryStore(clock);
  const scripted = (options.agents ?? [{ id: "one" }]).map((agent) => ({
    ...scriptedAgent({ ...agent, clock }),
    backend: options.backend ?? "scripted",
  }));
  const told: string[] = [];
  const ended: TaskState[] = [];
  const { workerId = "worker-1" } = options;
  const engine = new Engine({
    store,
    clock,
    roster: fixedRoster([...scripted, ...(options.others ?? [])]),
    custody: {
      self: { workerId, pid: 1, started: workerId, host: "here" },
      isDead: () => false,
      reap: async () => undefined,
      ...options.custody,
    },
    workplace: {
      prepare: async ({ root }) => ({ root, workspace: root, outputFile: "" }),
      keep: async () => "/kept",
      ...options.workplace,
    },
    runCheck: options.runCheck ?? (async (check) => receiptOf(check.command, true)),
    checkSlots: options.checkSlots ?? 2,
    ...(options.vitals && { vitals: options.vitals }),
    observer: {
      started: ({ taskId, attempt }) => told.push(`started ${taskId}#${attempt} @${clock.now()}`),
      progressed: ({ taskId }, progress) => told.push(`${progress}% ${taskId} @${clock.now()}`),
      ended: (task) => {
        ended.push(task);
        told.push(`ended ${task.spec.taskId} ${task.end?.verdict} @${clock.now()}`);
      },
    },
  });
  const start: World["start"] = (more = {}) => engine.drive({ runId, root: "/root", ...more });
  return {
    clock,
    store,
    engine,
    told,
    ended,
    start,
    submit: (tasks, parallel) => clock.runUntil(store.submit(newRun(parallel), tasks)),
    drive: (more) => clock.runUntil(start(more).done),
    async state(taskId) {
      const [task] = await clock.runUntil(store.tasks({ runId, taskIds: [taskId] }));
      if (task === undefined) throw new Error(`No task ${taskId}`);
      return task;
    },
    journal: () => clock.runUntil(store.journal(0, { limit: 10_000 })),
  };
}

function newRun(parallel: number | undefined): Parameters<Store["submit"]>[0] {
  const limits = { parallel: parallel ?? null, failFast: false, timeoutMs: null, sharedChecks: false };
  return { runId, name: null, root: "/root", ...limits };
}

export function taskOf(taskId: string, changes: Partial<FarmTask> = {}): FarmTask {
  return {
    taskId,
    type: "test",
    description: "Do it",
    context: [],
    constraints: [],
    successCriteria: "It is done",
    ...changes,
  };
}

export function receiptOf(command: string, passed: boolean, outputTail = ""): Receipt {
  return {
    command,
    passed,
    exitCode: passed ? 0 : 1,
    outputDigest: "sha256:00",
    outputTail,
    at: 0,
    durationMs: 1,
    tree: null,
    treeChanged: false,
  };
}

/** Resolves after `ms` of virtual time. */
export function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.timer(ms, resolve);
  });
}

/** The most attempts that ran at once by a journal. */
export function peakOf(journal: readonly JournalEntry[]): number {
  const running = new Set<string>();
  let peak = 0;
  for (const { type, taskId = "" } of journal) {
    if (type === "attempt.started") running.add(taskId);
    else if (/^(task\.(succeeded|failed|cancelled|retried)|attempt\.lost)$/.test(type))
      running.delete(taskId);
    peak = Math.max(peak, running.size);
  }
  return peak;
}

/** The same store, that calls `before` with the number of each call, from 1. */
export function wrapStore(store: MemoryStore, before: (call: number, method: string) => void): Store {
  let calls = 0;
  const passive = ["name", "onChange", "snapshot", "close"];
  return new Proxy(store, {
    get(target, name: keyof MemoryStore) {
      const value = target[name];
      if (typeof value !== "function" || passive.includes(name)) return value;
      return async (...args: never[]) => {
        before(++calls, name);
        return (value as (...given: never[]) => unknown)(...args);
      };
    },
  });
}
