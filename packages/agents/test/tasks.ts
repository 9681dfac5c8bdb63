import { join } from "node:path";
import type { FarmTask } from "mai-orchestration-core";
import type { AgentContext, AgentReport, AgentTask } from "mai-orchestration-engine";
import { newMark, temporaryFolder } from "./helpers.ts";

export function createFarmTaskFor(fields: Partial<FarmTask>): FarmTask {
  return {
    taskId: "task-1",
    type: "research",
    description: "Do it",
    context: [],
    constraints: [],
    successCriteria: "",
    ...fields,
  };
}

export function agentTask(fields: Partial<FarmTask>, more: Partial<AgentTask> = {}): AgentTask {
  return {
    runId: "run-1",
    task: createFarmTaskFor(fields),
    attempt: 1,
    feedback: null,
    sessionId: null,
    ...more,
  };
}

/** A context for one attempt, and what was reported through it. */
export function newContext(
  more: Partial<AgentContext> = {},
): AgentContext & { readonly reports: AgentReport[] } {
  const workspace = temporaryFolder();
  const reports: AgentReport[] = [];
  return {
    signal: new AbortController().signal,
    workspace,
    root: workspace,
    outputFile: join(temporaryFolder(), "output.log"),
    mark: newMark(),
    report: (report) => void reports.push(report),
    ...more,
    reports,
  };
}
