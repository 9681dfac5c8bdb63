/** One life that is written down, in which everything that can happen to tasks happens. */
import type { JournalEntry } from "mai-orchestration-core";
import type { Note, Outcome } from "mai-orchestration-engine";
import type { Life, Step } from "./random-life.ts";
import { answerOf, failureOf, receiptOf, taskOf, workOf } from "./scene.ts";

type EventOfStores = Exclude<
  JournalEntry["type"],
  "run.resumed" | "run.interrupted" | "run.finished" | `delivery.${string}`
>;

/** Keyed by type, so that a new type of event must be added here. Those of sessions are notes to a store. */
const reachable: Readonly<Record<EventOfStores, true>> = {
  "run.created": true,
  "task.queued": true,
  "task.ready": true,
  "attempt.started": true,
  "attempt.adopted": true,
  "attempt.progressed": true,
  "attempt.answered": true,
  "check.passed": true,
  "check.failed": true,
  "attempt.kept": true,
  "attempt.failed": true,
  "attempt.lost": true,
  "approval.requested": true,
  "approval.given": true,
  "approval.refused": true,
  "attempt.refused": true,
  "task.retried": true,
  "task.succeeded": true,
  "task.failed": true,
  "task.blocked": true,
  "task.cancel-requested": true,
  "task.cancelled": true,
  "task.reopened": true,
};

/** Types of events that {@link eventfulLife} reaches in every store, sorted. */
export const reachableTypes: readonly string[] = Object.keys(reachable).sort();

const checked = { verify: [{ command: "x" }], retry: { maxAttempts: 2, maxLost: 2, backoff: 500 } };
const answer: Note = { type: "answer", answer: answerOf() };

export const eventfulLife: Life = {
  twoHandles: false,
  steps: [
    submit("a", "b", "c", "d"),
    // Its engine dies; what is said of it afterwards is refused.
    claim("a"),
    append({ type: "progress", progress: 50, message: "half", sessionId: "s1" }),
    append(answer),
    settle({ type: "lost", reason: "its engine died" }),
    settle({ type: "succeeded", answer: null }),
    // It had answered, so only its check is repeated. That fails, and the next attempt passes it.
    wait(),
    claim("a"),
    append({ type: "check", receipt: receiptOf("x", false) }),
    settle(failureOf({ kind: "check" })),
    wait(),
    claim("a"),
    append(answer),
    append({ type: "check", receipt: receiptOf("x", true) }),
    append({ type: "keep", work: workOf() }),
    settle({ type: "succeeded", answer: null }),
    // A failure for good blocks what depends on it.
    claim("b"),
    settle(failureOf({ kind: "permanent" })),
    // What runs is asked to stop.
    claim("d"),
    { type: "cancel" as const, run: 0, ids: ["d"] },
    settle({ type: "cancelled" }),
    // A person has it tried again, and an engine goes on with what another one left.
    { type: "reopen" as const, run: 0, ids: ["d"] },
    claim("d"),
    { type: "adopt" as const, pick: 0, worker: 1 },
    settle({ type: "succeeded", answer: answerOf() }),
    // A person lets one start, and not another.
    submit("e", "f"),
    { type: "answer" as const, run: 0, id: "e", approved: true, attempt: 0 },
    { type: "answer" as const, run: 0, id: "f", approved: false, attempt: null },
  ].map((step) => [step, false]),
};

function submit(...ids: readonly string[]): Step {
  const asking = { approval: "before" };
  const changes = { a: checked, c: { dependsOn: ["b"] }, e: asking, f: asking } as Readonly<
    Record<string, object>
  >;
  return { type: "submit", run: 0, tasks: ids.map((id) => taskOf(id, changes[id])) };
}

function claim(id: string): Step {
  return { type: "claim", worker: 0, slots: [1, 0], free: [1, 0, 0], idle: false, only: [id] };
}

/** To the newest claim, as all that is said here. */
function append(note: Note): Step {
  return { type: "append", pick: 0, note };
}

function settle(outcome: Outcome): Step {
  return { type: "settle", pick: 0, outcome };
}

/** Longer than any backoff of these tasks. */
function wait(): Step {
  return { type: "wait", ms: 15 * 60_000 };
}
