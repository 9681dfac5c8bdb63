/** Stores of a test on the shared server, closed and removed after it. */
import { type FarmTask, noUsage } from "mai-orchestration-core";
import type { Claim, NewRun, Offer, Outcome, Store, WorkerIdentity } from "mai-orchestration-engine";
import { systemClock } from "mai-orchestration-engine/store";
import { onTestFinished } from "vitest";
import { type OpenOptions, openPostgresStore, type PostgresStore } from "../../src/index.ts";
import { dropNamespace, takeNamespace, urlOf } from "./namespaces.ts";

/** Opens handles on one new namespace, each as another process would. */
export function newNamespace(server: string): (options?: Partial<OpenOptions>) => PostgresStore {
  const schema = takeNamespace();
  const opened: Store[] = [];
  onTestFinished(async () => {
    for (const store of opened) await store.close();
    await dropNamespace(server, schema).catch(() => undefined);
  });
  return (options = {}) => {
    const store = openPostgresStore({ url: urlOf(server, schema), clock: systemClock, ...options });
    opened.push(store);
    return store;
  };
}

export function taskOf(taskId: string, changes: Partial<FarmTask> = {}): FarmTask {
  const texts = { description: `Do ${taskId}`, successCriteria: "It is done" };
  return { taskId, type: "implementation", context: [], constraints: [], ...texts, ...changes };
}

export const run: NewRun = {
  runId: "run-1",
  name: null,
  root: "/project",
  parallel: null,
  failFast: false,
  timeoutMs: null,
  sharedChecks: false,
};

export function workerOf(workerId: string): WorkerIdentity {
  return { workerId, pid: 1, started: "1", host: workerId };
}

export function offerOf(changes: Partial<Offer> = {}): Offer {
  const capabilities = ["implementation", "test", "review", "research"] as const;
  const can = { capabilities, commands: true, prose: true };
  return { agentId: "agent", ...can, maxConcurrent: 100, free: 100, maxAttemptsFor: () => 1, ...changes };
}

/** Claims up to `slots` tasks of the run, by default for one agent that can do everything. */
export async function claim(
  store: Store,
  workerId: string,
  slots: number,
  offer: Partial<Offer> = {},
): Promise<readonly Claim[]> {
  const scopes = [{ runId: run.runId, slots }];
  const offers = [offerOf({ free: slots, ...offer })];
  return (await store.claim({ worker: workerOf(workerId), scopes, offers, idle: true })).claims;
}

export const success: Outcome = {
  type: "succeeded",
  answer: {
    output: "done",
    outputFile: null,
    artifacts: [],
    issues: [],
    sessionId: null,
    usage: noUsage,
    durationMs: 1,
    sharedWorkspace: false,
  },
};

/** Resolves once `holds` does; the test's own limit ends a wait that is in vain. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Every entry of the journal, page by page. */
export async function wholeJournal(
  store: Store,
  limit = 1_000,
): Promise<Awaited<ReturnType<Store["journal"]>>> {
  const found = [];
  for (;;) {
    const page = await store.journal(found.at(-1)?.seq ?? 0, { limit });
    if (page.length === 0) return found;
    found.push(...page);
  }
}
