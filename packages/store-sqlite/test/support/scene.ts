/** Words of the tests with several processes. */
import { type FarmTask, type JournalEntry, noUsage } from "mai-orchestration-core";
import type { ClaimRequest, NewRun, Outcome, Store } from "mai-orchestration-engine";

export function taskOf(taskId: string, changes: Partial<FarmTask> = {}): FarmTask {
  const description = `Do ${taskId}`;
  const rest = { context: [], constraints: [], successCriteria: "It is done" };
  return { taskId, type: "implementation", description, ...rest, ...changes };
}

export function runOf(runId: string): NewRun {
  return {
    runId,
    name: null,
    root: "/project",
    parallel: null,
    failFast: false,
    timeoutMs: null,
    sharedChecks: false,
  };
}

export function requestOf(runId: string, slots: number, workerId = "worker-1"): ClaimRequest {
  return {
    worker: { workerId, pid: process.pid, started: "1", host: "here" },
    scopes: [{ runId, slots }],
    offers: [
      {
        agentId: "agent",
        capabilities: ["implementation"],
        commands: true,
        prose: true,
        maxConcurrent: 3,
        free: 3,
        maxAttemptsFor: () => 1,
      },
    ],
    idle: true,
  };
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

/** The whole journal, page by page. */
export async function readJournal(store: Store): Promise<JournalEntry[]> {
  const found: JournalEntry[] = [];
  for (;;) {
    const page = await store.journal(found.at(-1)?.seq ?? 0);
    if (page.length === 0) return found;
    found.push(...page);
  }
}
