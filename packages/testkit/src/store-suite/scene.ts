/** One store, a clock that moves when told to, and short words for what the tests ask of them. */
import type { Answer, FarmTask, JournalEntry, Receipt, TaskState, Work } from "mai-orchestration-core";
import { noUsage } from "mai-orchestration-core";
import type {
  Claim,
  ClaimRequest,
  NewRun,
  Offer,
  Outcome,
  Settlement,
  Store,
  WorkerIdentity,
} from "mai-orchestration-engine";
import { expect } from "vitest";
import { checkFold, checkJournal } from "../checkers.ts";
import type { OpenStore, StoreTraits } from "../store-harness.ts";
import { VirtualClock } from "../virtual-clock.ts";

/** A time of day at which no test passes midnight unless it means to. */
export const noon: number = Date.UTC(2026, 0, 5, 12);

export interface Scene {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly traits: StoreTraits;
  /** Another handle on the same data; `undefined` when the store lives in one process only. */
  readonly reopen: (() => Promise<Store>) | undefined;
  submit(tasks: readonly FarmTask[], run?: Partial<NewRun>): Promise<void>;
  /** Claims, by default of `run-1` for one agent with a hundred slots that can do everything. */
  claim(changes?: Partial<ClaimRequest> & { readonly slots?: number }): Promise<readonly Claim[]>;
  succeed(claim: Claim): Promise<Settlement>;
  fail(claim: Claim, changes?: Partial<Extract<Outcome, { type: "failed" }>>): Promise<Settlement>;
  state(taskId: string, runId?: string): Promise<TaskState>;
  /** Phase, or verdict when it has ended, of every task of a run. */
  standing(runId?: string): Promise<Readonly<Record<string, string>>>;
  /** The whole journal, page by page. */
  journal(runId?: string): Promise<readonly JournalEntry[]>;
}

export type Sentence = (text: string, body: (scene: Scene) => Promise<void>) => void;

/** Opens a store, plays the scene, and holds what is left against every law of the journal. */
export async function playScene(
  open: OpenStore,
  traits: StoreTraits,
  body: (scene: Scene) => Promise<void>,
): Promise<void> {
  const clock = new VirtualClock(noon);
  const opened = await open(clock);
  try {
    const scene = sceneOf(opened.store, clock, traits, opened.reopen?.bind(opened));
    await body(scene);
    await expectLawful(opened.store);
  } finally {
    await opened.destroy();
  }
}

function sceneOf(
  store: Store,
  clock: VirtualClock,
  traits: StoreTraits,
  reopen: (() => Promise<Store>) | undefined,
): Scene {
  const scene: Scene = {
    clock,
    store,
    traits,
    reopen,
    submit: (tasks, run = {}) => store.submit(runOf(run), tasks),
    async claim({ slots = 1_000, ...changes } = {}) {
      return (await store.claim(requestOf({ scopes: [{ runId: "run-1", slots }], ...changes }))).claims;
    },
    succeed: (claim) => store.settle(claim, { type: "succeeded", answer: answerOf() }),
    fail: (claim, changes = {}) => store.settle(claim, failureOf(changes)),
    async state(taskId, runId = "run-1") {
      const [task] = await store.tasks({ runId, taskIds: [taskId] });
      if (task === undefined) throw new Error(`${runId} has no task ${taskId}`);
      return task;
    },
    async standing(runId = "run-1") {
      const tasks = await store.tasks({ runId });
      return Object.fromEntries(tasks.map((task) => [task.spec.taskId, task.end?.verdict ?? task.phase]));
    },
    journal: (runId) => readJournal(store, runId),
  };
  return scene;
}

/** Every entry of the journal after `afterSeq`, page by page. */
export async function readJournal(store: Store, runId?: string, limit = 1_000): Promise<JournalEntry[]> {
  const found: JournalEntry[] = [];
  for (;;) {
    const afterSeq = found.at(-1)?.seq ?? 0;
    const page = await store.journal(afterSeq, runId === undefined ? { limit } : { runId, limit });
    if (page.length === 0) return found;
    found.push(...page);
  }
}

/** Whether journal and rows obey every law; a store that the scene closed has been looked at by the scene. */
export async function expectLawful(store: Store): Promise<void> {
  const runs = await store.runs().catch(() => []);
  if (runs.length === 0) return;
  const journal = await readJournal(store);
  expect(checkJournal(journal)).toEqual([]);
  for (const { runId } of runs) {
    expect(checkFold(journal, runId, await store.tasks({ runId }))).toEqual([]);
  }
}

export function taskOf(taskId: string, changes: Partial<FarmTask> = {}): FarmTask {
  return {
    taskId,
    type: "implementation",
    description: `Do ${taskId}`,
    context: [],
    constraints: [],
    successCriteria: "It is done",
    ...changes,
  };
}

/** Tasks of which each depends on the one before. */
export function chainOf(length: number): FarmTask[] {
  return Array.from({ length }, (_, index) =>
    taskOf(`t${index}`, index === 0 ? {} : { dependsOn: [`t${index - 1}`] }),
  );
}

export function runOf(changes: Partial<NewRun> = {}): NewRun {
  return {
    runId: "run-1",
    name: null,
    root: "/project",
    parallel: null,
    failFast: false,
    timeoutMs: null,
    sharedChecks: false,
    ...changes,
  };
}

export function workerOf(workerId: string): WorkerIdentity {
  return { workerId, pid: 4_711, started: "1", host: "here" };
}

export function offerOf(changes: Partial<Offer> = {}): Offer {
  return {
    agentId: "agent",
    capabilities: ["implementation", "test", "review", "research"],
    commands: true,
    prose: true,
    maxConcurrent: 100,
    free: 100,
    maxAttemptsFor: () => 1,
    ...changes,
  };
}

export function requestOf(changes: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    worker: workerOf("worker-1"),
    scopes: [{ runId: "run-1", slots: 1_000 }],
    offers: [offerOf()],
    idle: true,
    ...changes,
  };
}

export function answerOf(changes: Partial<Answer> = {}): Answer {
  return {
    output: "done",
    outputFile: null,
    artifacts: [],
    issues: [],
    sessionId: null,
    usage: noUsage,
    durationMs: 1,
    sharedWorkspace: false,
    ...changes,
  };
}

export function receiptOf(command: string, passed: boolean): Receipt {
  return {
    command,
    passed,
    exitCode: passed ? 0 : 1,
    outputDigest: "sha256:00",
    outputTail: "",
    at: noon,
    durationMs: 1,
    tree: null,
    treeChanged: false,
  };
}

export function workOf(): Work {
  const size = { files: 1, insertions: 2, deletions: 0 };
  const ids = { commit: "c0", tree: "t0", base: "b0" };
  return { branch: "mai/run-1/a", salvage: null, ...ids, ...size, folder: null, doubts: [] };
}

export function failureOf(changes: Partial<Extract<Outcome, { type: "failed" }>> = {}): Outcome {
  return {
    type: "failed",
    reason: "boom",
    kind: "task",
    answer: null,
    feedback: null,
    retryAt: null,
    ...changes,
  };
}

export function idsOf(claims: readonly Claim[]): string[] {
  return claims.map((claim) => claim.taskId);
}

/** The only claim of a scene that makes one. */
export function first(claims: readonly Claim[]): Claim {
  const [claim] = claims;
  if (claim === undefined) throw new Error("Nothing was claimed");
  return claim;
}
