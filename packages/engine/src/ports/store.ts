/**
 * Where journal and tasks live. Every store passes `describeStore` of
 * mai-orchestration-testkit; that suite, and not this comment, is the full
 * contract.
 */
import type {
  Answer,
  ApprovalAnswer,
  Capacity,
  FailureKind,
  FarmTask,
  JournalEntry,
  Receipt,
  Refusal,
  RunEvent,
  Spending,
  TaskPhase,
  TaskState,
  Verdict,
  Work,
} from "mai-orchestration-core";
import type { WorkerIdentity } from "./custody.ts";

/** One execution of a set of tasks, as it is opened. @public */
export interface NewRun {
  readonly runId: string;
  readonly name: string | null;
  /** Absolute. */
  readonly root: string;
  /** Attempts of this run that may run at once, over all engines; `null`: as many as the agents allow. */
  readonly parallel: number | null;
  readonly failFast: boolean;
  /** Milliseconds from the call that starts or resumes the run; `null` for no limit. */
  readonly timeoutMs: number | null;
  /** Whether the checks of verified tasks are repeated once at the end of the run where later work may have broken them. */
  readonly sharedChecks: boolean;
  /**
   * US dollars that the attempts of the run may cost in all, over all engines; `affordsAttempt` of core is the rule.
   * Absent or `null` for no ceiling.
   */
  readonly maxCostUsd?: number | null;
}

/** A run as a store keeps it; times are Unix milliseconds, `null` for what has not happened. @public */
export interface RunRecord extends NewRun {
  readonly createdAt: number;
  /** The journal's first entry of this run. */
  readonly firstSeq: number;
  readonly finishedAt: number | null;
  readonly verdict: Verdict | null;
  readonly interruptedAt: number | null;
}

/** Tasks of a run that an engine wants attempts of. @public */
export interface Scope {
  readonly runId: string;
  /** Attempts wanted at most. */
  readonly slots: number;
  /** The only tasks wanted; absent: any of the run. */
  readonly only?: ReadonlySet<string>;
}

/** An agent as it is offered to `claim`. @public */
export interface Offer extends Capacity {
  /** Slots free in this process. The store allows fewer when other engines hold some. */
  readonly free: number;
  maxAttemptsFor(task: FarmTask): number;
}

/** What an engine has free, so that a store can hand it attempts. @public */
export interface ClaimRequest {
  readonly worker: WorkerIdentity;
  readonly scopes: readonly Scope[];
  /** In order of registration. */
  readonly offers: readonly Offer[];
  /** Whether nothing runs on this engine, so that a task which must run alone may start. */
  readonly idle: boolean;
}

/** An attempt's right to its task. @public */
export interface Claim {
  readonly runId: string;
  readonly taskId: string;
  readonly attempt: number;
  /** Who holds it. */
  readonly workerId: string;
  /**
   * As it stands with the attempt started, or adopted: phase `verifying` with an answer says that the agent is done
   * and only the checks are open.
   */
  readonly task: TaskState;
}

/** A run of which nothing runs, and whose ceiling leaves no room for what is ready. @public */
export interface Exhausted extends Spending {
  readonly runId: string;
  readonly maxCostUsd: number;
}

/** What `claim` started. @public */
export interface Claimed {
  readonly claims: readonly Claim[];
  /** When the next waiting task may be tried again, Unix milliseconds; `null` when none waits. */
  readonly nextWakeAt: number | null;
  /** Those of the runs asked for that are held up by their ceilings, and will be until these are raised. */
  readonly exhausted?: readonly Exhausted[];
}

/**
 * What names a claim. With `workerId` it is good for that holder only: an attempt that somebody else has adopted
 * meanwhile is another claim, although its number is the same.
 *
 * @public
 */
export type ClaimRef = Pick<Claim, "runId" | "taskId" | "attempt"> & { readonly workerId?: string };

/** How an attempt ended, as its engine saw it. @public */
export type Outcome =
  | {
      readonly type: "succeeded";
      /** When it was not appended before. */
      readonly answer: Answer | null;
    }
  | {
      readonly type: "failed";
      readonly reason: string;
      readonly kind: FailureKind;
      readonly answer: Answer | null;
      readonly feedback: string | null;
      readonly retryAt: number | null;
      /** As the command `fail` has it. */
      readonly elsewhere?: boolean;
    }
  /** What had answered before is not run again: the next claim of the task adopts the attempt for its checks. */
  | { readonly type: "lost"; readonly reason: string }
  /** The same, uncounted. `answer`: what the agent left when it was stopped, if that was not appended before. */
  | { readonly type: "interrupted"; readonly reason: string; readonly answer?: Answer | null }
  /** Asked for before; now its death is proven. */
  | { readonly type: "cancelled" };

/** What the end of an attempt led to, or why the store refused to take it. @public */
export type Settlement =
  | {
      readonly ok: true;
      readonly task: TaskState;
      /** Every task that ended by this, dependants included. */
      readonly ended: readonly TaskState[];
      /** Whether a task became ready by this, now or later. */
      readonly readied: boolean;
    }
  | { readonly ok: false; readonly refusal: Refusal };

/** What a running attempt adds to the journal. @public */
export type Note =
  | {
      readonly type: "progress";
      readonly progress: number | null;
      readonly message: string | null;
      readonly sessionId: string | null;
    }
  | { readonly type: "answer"; readonly answer: Answer }
  | { readonly type: "check"; readonly receipt: Receipt }
  | { readonly type: "keep"; readonly work: Work };

/** What a request to cancel did at once, and what it still waits for. @public */
export interface Cancellation {
  /** Ended by this, dependants included. */
  readonly ended: readonly TaskState[];
  /** Still running; asked to stop. */
  readonly asked: readonly TaskState[];
}

/** Which tasks of a run are read; filters that are left out exclude nothing. @public */
export interface TaskFilter {
  readonly runId: string;
  readonly taskIds?: readonly string[];
  readonly phases?: readonly TaskPhase[];
  /** Only tasks submitted after this one. */
  readonly afterSequence?: number;
  readonly limit?: number;
}

/** How many tasks of a run stand where. @public */
export interface RunCounts {
  readonly total: number;
  readonly phases: Readonly<Partial<Record<TaskPhase, number>>>;
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
  /** The earliest time at which a waiting task may be tried again; `null` when none waits. */
  readonly nextWakeAt: number | null;
}

/** A running attempt and who holds it. @public */
export interface HeldAttempt {
  readonly claim: Claim;
  readonly worker: WorkerIdentity;
  /**
   * How often the worker has renewed its leases, in all: whoever sees it rise knows that the worker lives. No time,
   * for clocks of two machines, and those that are set, tell nothing of each other.
   */
  readonly renewals: number;
}

/** What `adopt` came to. @public */
export type Adoption =
  | { readonly ok: true; readonly claim: Claim }
  | { readonly ok: false; readonly refusal: Refusal };

/** What `reopen` did. @public */
export interface Reopening {
  /** As they stand now: ready, or queued behind dependencies. */
  readonly reopened: readonly TaskState[];
  /** Ended tasks that were asked for by id and stay as they are, because they succeeded. */
  readonly succeeded: readonly string[];
}

/**
 * The store port.
 *
 * - What an awaited call resolved survives the death of this process.
 * - A refusal is a value; only a store that cannot do its work rejects, with a `MaiError`.
 * - Calls made without waiting in between share a transaction; a call that is
 *   refused does not disturb the others, a failed commit rejects them all.
 * - Times are the store's own clock.
 *
 * @public
 */
export interface Store {
  /** How a person names it: `memory`, a path, or an address without secrets. */
  readonly name: string;
  /**
   * Milliseconds without renewal after which the store itself takes an attempt from its worker and journals it as lost.
   * Absent: engines watch each other.
   */
  readonly leaseMs?: number;

  /**
   * Opens the run if it is new and adds tasks to it, all or none. Equal tasks
   * under a known id are passed over. Rejects `task.conflict` for a different
   * one, `plan.unknown-dependency` for one neither given nor known, `plan.cycle`,
   * `task.invalid` for an id that is no well-formed text.
   */
  submit(run: NewRun, tasks: readonly FarmTask[]): Promise<void>;

  /**
   * Starts attempts of the next tasks, in order, within every agent's cap and
   * every run's `parallel` and ceiling, counted over all engines of this store. A task whose
   * newest attempt had answered when it lost its worker gets no new one: that
   * attempt is adopted (`attempt.adopted`, receipts gone, phase `verifying`), if
   * it can be in a slot of the agent that did it.
   */
  claim(request: ClaimRequest): Promise<Claimed>;

  /**
   * Makes `worker` the holder of an attempt whose holder `claim.workerId` is dead, for which
   * the caller answers. Its receipts are gone, its phase stays. Counts as one of `retry.maxLost`: whoever cannot go on
   * with the attempt settles it as interrupted. Refused when somebody else holds it by now (`stale-attempt`), and when
   * it is to be cancelled (`not-running`).
   */
  adopt(claim: ClaimRef, worker: WorkerIdentity): Promise<Adoption>;

  /** A heartbeat, counted in `HeldAttempt.renewals`. Answers which claims are no longer held and which are to be cancelled. */
  renew(
    worker: WorkerIdentity,
    claims: readonly ClaimRef[],
  ): Promise<{ readonly lost: readonly ClaimRef[]; readonly cancelled: readonly ClaimRef[] }>;

  /**
   * Ends an attempt, with all consequences, if it is still the newest and in the hands of `claim.workerId`; any other
   * is refused and the refusal journalled.
   */
  settle(claim: ClaimRef, outcome: Outcome): Promise<Settlement>;

  /**
   * Answer, progress, receipt or work of a running attempt. Resolves `false` when the claim is no longer held; that of an
   * answer is journalled (`attempt.refused`).
   */
  append(claim: ClaimRef, note: Note): Promise<boolean>;

  /**
   * Cancels tasks of a run, all that have not ended when `taskIds` is absent; tasks
   * that depend on them and are not among them end as blocked. Idempotent.
   */
  cancel(runId: string, reason: string, taskIds?: readonly string[]): Promise<Cancellation>;

  /**
   * Opens tasks again that ended without success (`task.reopened`), with fresh budgets and attempts numbered on: the
   * named ones and those that are blocked only by them, or all of the run when `taskIds` is absent. A run that had
   * finished is open again by it. Idempotent: open tasks stay as they are. Rejects `task.blocked`, and changes nothing,
   * when a named one depends on a task that ended without success and is not reopened with it, or when the run is
   * fail-fast and another failed task stays as it is: that would stop it at once.
   */
  reopen(runId: string, reason: string, taskIds?: readonly string[]): Promise<Reopening>;

  /** Ends tasks that have no running attempt as blocked, such as those that no agent can do. */
  block(runId: string, reason: string, taskIds: readonly string[]): Promise<readonly TaskState[]>;

  /**
   * Hands a person's answer to a task in `approval-wait`, with all consequences. Said a second time it changes nothing.
   * Refused when the task does not wait (`not-waiting`, `ended`), or waits for an answer about a later attempt
   * (`stale-attempt`).
   */
  answerApproval(runId: string, taskId: string, answer: ApprovalAnswer): Promise<Settlement>;

  /** Journals a fact about a run. `run.finished` closes it, `run.resumed` opens it again, and may change its ceiling. */
  note(runId: string, event: Exclude<RunEvent, { readonly type: "run.created" }>): Promise<void>;

  /** Newest first. */
  runs(): Promise<readonly RunRecord[]>;
  run(runId: string): Promise<RunRecord | undefined>;
  /** In order of submission. */
  tasks(filter: TaskFilter): Promise<readonly TaskState[]>;
  counts(runId: string): Promise<RunCounts>;
  /** Running attempts of a run, or of all. */
  held(runId?: string): Promise<readonly HeldAttempt[]>;
  /** Who has claimed from a run since it was last interrupted or finished: those of them that live drive it. */
  drivers(runId: string): Promise<readonly WorkerIdentity[]>;

  /** One page of the journal after `afterSeq`, oldest first. */
  journal(
    afterSeq: number,
    options?: { readonly runId?: string; readonly limit?: number },
  ): Promise<readonly JournalEntry[]>;
  /** Calls `listener` after any commit; `foreign` when another process made it. Returns how to stop. */
  onChange(listener: (foreign: boolean) => void): () => void;

  /**
   * Adds a whole run from its journal, as it stood at the last entry; attempts
   * that ran then count as interrupted. Rejects `task.conflict` when the store
   * has a run of that id, `state.invalid` when the journal does not fold.
   */
  restore(run: RunRecord, journal: readonly JournalEntry[]): Promise<void>;

  /** Removes runs that finished before `finishedBefore` (Unix milliseconds), journal included. Resolves their ids. */
  prune(finishedBefore: number): Promise<readonly string[]>;

  /** Waits for calls under way, then lets go. Safe to call twice. Later calls reject `store.closed`. */
  close(): Promise<void>;
}
