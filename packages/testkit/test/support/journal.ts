/** Journals told event by event, lawful and not. */
import type { JournalEntry, MaiEvent } from "mai-orchestration-core";
import { answerOf, receiptOf, taskOf } from "../../src/store-suite/scene.ts";

export type Told = readonly [taskId: string | null, event: MaiEvent];

/** A journal of run-1 in which one millisecond passes between entries. */
export function journalOf(...told: readonly Told[]): JournalEntry[] {
  return told.map(([taskId, event], index) => {
    const head = { seq: index + 1, at: index + 1, runId: "run-1" };
    return (taskId === null ? { ...event, ...head } : { ...event, ...head, taskId }) as JournalEntry;
  });
}

export function created(parallel: number | null = null): Told {
  const rest = { root: "/project", failFast: false, timeoutMs: null, sharedChecks: false };
  return [null, { type: "run.created", name: null, parallel, ...rest }];
}

export function queued(id: string, changes: Parameters<typeof taskOf>[1] = {}): Told {
  return [id, { type: "task.queued", task: taskOf(id, changes), behindMs: 0 }];
}

export function ready(id: string): Told {
  return [id, { type: "task.ready", serveDay: 0 }];
}

export function started(id: string, attempt = 1, agentId = "agent", workerId = "worker"): Told {
  return [id, { type: "attempt.started", attempt, agentId, workerId, maxAttempts: 2 }];
}

export function answered(id: string, attempt = 1): Told {
  return [id, { type: "attempt.answered", attempt, answer: answerOf() }];
}

export function checked(id: string, command: string, passed = true): Told {
  const receipt = receiptOf(command, passed);
  return [id, { type: passed ? "check.passed" : "check.failed", attempt: 1, receipt }];
}

export function succeeded(id: string, attempt = 1, verdict: "verified" | "unverified" = "unverified"): Told {
  return [id, { type: "task.succeeded", attempt, verdict }];
}

export function lost(id: string, attempt = 1): Told {
  return [id, { type: "attempt.lost", attempt, reason: "its engine died", counted: true }];
}

export function asked(id: string, attempt: number): Told {
  return [id, { type: "approval.requested", attempt }];
}

export function refusedBy(id: string, attempt: number): Told {
  return [id, { type: "approval.refused", attempt, by: "ann", via: "test", note: null }];
}

export function refused(id: string, attempt = 1): Told {
  return [id, { type: "attempt.refused", attempt, reason: "the task has ended" }];
}

export const whole = journalOf(
  created(2),
  queued("a", { verify: [{ command: "x" }], locks: ["l"] }),
  ready("a"),
  queued("b", { dependsOn: ["a"], locks: ["l"] }),
  queued("c", { retry: { maxLost: 1 } }),
  ready("c"),
  started("a"),
  started("c"),
  lost("c"),
  ready("c"),
  answered("a"),
  checked("a", "x"),
  succeeded("a", 1, "verified"),
  ready("b"),
  refused("a"),
  started("c", 2),
  answered("c", 2),
  succeeded("c", 2),
  started("b"),
);
