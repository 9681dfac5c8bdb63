/** Attempts for the checks of the agent suite. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FarmTask } from "mai-orchestration-core";
import type { AgentContext, AgentOutcome, AgentReport } from "mai-orchestration-engine";
import type { AgentHarness, AgentTraits, WantedBehaviour } from "./agent-harness.ts";
import { markedProcesses } from "./marked-processes.ts";

/** Milliseconds within which a task is answered. @internal */
export const answerWithinMs: number = 60_000;
const startWithinMs = 10_000;

/** One attempt under way. @internal */
export interface Run {
  readonly mark: string;
  readonly settled: Promise<AgentOutcome>;
  readonly reports: { readonly all: AgentReport[]; readonly late: AgentReport[] };
  abort(): void;
}

/** Runs one attempt in a workspace of its own, hands it to `use`, and leaves nothing of it behind. @internal */
export async function withRun(
  harness: AgentHarness,
  wanted: WantedBehaviour,
  use: (run: Run) => Promise<void>,
  changes: Partial<Pick<AgentContext, "signal" | "workspace">> = {},
  change: (task: FarmTask) => FarmTask = (task) => task,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mai-agent-"));
  const mark = `suite-${randomUUID()}`;
  const controller = new AbortController();
  const reports = { all: [] as AgentReport[], late: [] as AgentReport[] };
  let isSettled = false;
  const report = (one: AgentReport): void => {
    (isSettled ? reports.late : reports.all).push(one);
  };
  const context = { signal: controller.signal, workspace: folder, root: folder, mark, report };
  const task = change(harness.taskThat(wanted));
  const asked = { runId: "run-suite", task, attempt: 1, feedback: null, sessionId: null };
  const settled = new Promise<AgentOutcome>((resolve) => {
    resolve(harness.agent.run(asked, { ...context, outputFile: join(folder, "output.log"), ...changes }));
  }).finally(() => {
    isSettled = true;
  });
  settled.catch(() => {});
  try {
    await use({ mark, settled, reports, abort: () => controller.abort() });
  } finally {
    controller.abort();
    await killMarked(mark);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Also a check that failed leaves the machine clean. */
async function killMarked(mark: string): Promise<void> {
  if (process.platform !== "linux") return;
  for (const pid of await markedProcesses(mark)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Ended meanwhile.
    }
  }
}

/** Resolves when the agent is seen to work. @internal */
export async function atWork(harness: AgentHarness, traits: AgentTraits, mark: string): Promise<void> {
  if (harness.whenAtWork !== null)
    return within(answerWithinMs, harness.whenAtWork(mark), "the agent at work");
  if (!traits.startsProcesses || process.platform !== "linux") return;
  for (
    const end = performance.now() + startWithinMs;
    (await markedProcesses(mark)).length === 0;
    await sleep(10)
  ) {
    assert.ok(performance.now() < end, "no process with the mark in MAI_MARK was started");
  }
}

/** Rejects, naming what was awaited, when it takes longer. @internal */
export async function within<T>(ms: number, promise: Promise<T>, awaited: string): Promise<T> {
  const timer = new AbortController();
  const tooLate = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`Waited ${ms} ms in vain for ${awaited}`);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    timer.abort();
    tooLate.catch(() => {});
  }
}
