/** What a watcher knows of a run: what people look at, and nothing else. */

import type { RunResult, TaskPhase, Verdict } from "mai-orchestration-core";
import { shellWord } from "../store/store-words.ts";
import { oneLine } from "../text/text.ts";

/** Longer ids are cut in lists that move. @internal */
export const mostIdColumns = 28;

/** One task as watchers see it. @internal */
export interface WatchedTask {
  readonly taskId: string;
  readonly estimateMs: number | null;
  /** Estimated work on the longest path from its start. */
  readonly behindMs: number;
  phase: TaskPhase;
  attempt: number;
  agentId: string | null;
  /** Of the newest attempt. */
  startedAt: number | null;
  endedAt: number | null;
  notBefore: number | null;
  message: string | null;
  progress: number | null;
  /** Why the newest attempt, or the task, did not succeed. */
  reason: string | null;
  verdict: Verdict | null;
  /** Known costs of its attempts, and how many said none. */
  costUsd: number;
  costsUnknown: number;
}

/** @internal */
export interface RunWatch {
  runId: string;
  name: string | null;
  root: string;
  parallel: number | null;
  createdAt: number;
  /** When the run, or its continuation, began. */
  startedAt: number;
  lastAt: number;
  /** In the order of submission. */
  readonly tasks: Map<string, WatchedTask>;
  readonly held: Map<string, WatchedTask>;
  readonly waiting: Map<string, WatchedTask>;
  readonly phases: Record<TaskPhase, number>;
  readonly verdicts: Record<Verdict, number>;
  readonly cost: { atLeastUsd: number; unknownParts: number };
  /** Work not ended whose estimate is known, and tasks not ended without one. */
  estimatedLeftMs: number;
  unestimatedLeft: number;
  /** Tasks that succeeded by an attempt, and how long those attempts took. */
  succeeded: number;
  succeededMs: number;
  mostHeld: number;
  /** Cells of a terminal that its ids take, within reason. */
  idColumns: number;
  /** What was delivered to each branch, the newest word. */
  readonly delivered: Map<string, Delivered>;
  end: RunEnding | null;
}

/** @internal */
export interface Delivered {
  merged: number;
  left: number;
  branch: string | null;
  reason: string | null;
}

type RunEnding =
  | { readonly type: "finished"; readonly verdict: Verdict; readonly results: readonly RunResult[] }
  | { readonly type: "interrupted"; readonly reason: string };

/** @internal */
export function newRunWatch(runId: string): RunWatch {
  return {
    runId,
    name: null,
    root: "",
    parallel: null,
    createdAt: 0,
    startedAt: 0,
    lastAt: 0,
    tasks: new Map(),
    held: new Map(),
    waiting: new Map(),
    phases: {
      queued: 0,
      ready: 0,
      running: 0,
      verifying: 0,
      cancelling: 0,
      "retry-wait": 0,
      "quota-wait": 0,
      "approval-wait": 0,
      ended: 0,
    },
    verdicts: { verified: 0, unverified: 0, failed: 0, blocked: 0, cancelled: 0 },
    cost: { atLeastUsd: 0, unknownParts: 0 },
    estimatedLeftMs: 0,
    unestimatedLeft: 0,
    succeeded: 0,
    succeededMs: 0,
    mostHeld: 0,
    idColumns: 4,
    delivered: new Map(),
    end: null,
  };
}

/** Tasks that have not ended. @internal */
export function leftIn(watch: RunWatch): number {
  return watch.tasks.size - watch.phases.ended;
}

/** What must happen before anything can go on, `a quota`, `a person`; empty while something goes on. @internal */
export function onlyWaitsFor({ phases, held }: RunWatch): string[] {
  if (held.size > 0 || phases.ready > 0 || phases["retry-wait"] > 0) return [];
  return [
    ...(phases["quota-wait"] > 0 ? ["a quota"] : []),
    ...(phases["approval-wait"] > 0 ? ["a person"] : []),
  ];
}

/** Which tasks wait for a person, and what to type; empty when none does. @internal */
export function approvalHint(watch: RunWatch, inStore: string): string {
  const asking = [...watch.waiting.values()].filter(({ phase }) => phase === "approval-wait");
  if (asking.length === 0) return "";
  const ids = asking.slice(0, mostAsking).map(({ taskId }) => oneLine(taskId));
  const more = asking.length - ids.length;
  const names = `${ids.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const word = asking.length === 1 ? shellWord(ids[0] ?? "") : "TASK";
  const words = `${word} --run ${watch.runId}${inStore}`;
  return `A person is waited for: ${names}. To answer: mai approve ${words}  or  mai reject ${words}`;
}

const mostAsking = 5;

/** Milliseconds the newest attempt of an ended or running task has taken; `null` when there is none such. @internal */
export function tookMs(task: WatchedTask, now: number): number | null {
  if (task.startedAt === null) return null;
  const isOver = task.phase === "ended";
  const isHeld = task.phase === "running" || task.phase === "verifying" || task.phase === "cancelling";
  return isOver || isHeld ? Math.max(0, (task.endedAt ?? now) - task.startedAt) : null;
}
