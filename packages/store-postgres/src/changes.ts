/** What a turn changes, gathered so that it can be written in few statements. */
import { isHeld, isStillPaid, type MaiEvent, type Spending, type TaskState } from "mai-orchestration-core";
import type { RunRecord, WorkerIdentity } from "mai-orchestration-engine";
import { idKey } from "./facts.ts";
import type { TaskRow } from "./rows.ts";

/** A task as this turn leaves it. */
export interface ChangedTask {
  readonly task: TaskState;
  readonly lane: string;
  readonly open: number;
  readonly dependants: number;
  readonly isNew: boolean;
  /** As it was read; `null` for one that this turn adds. */
  readonly before: TaskRow | null;
}

/** One entry for the journal. */
export interface NewEvent {
  readonly runId: string;
  readonly sequence: number | null;
  readonly event: MaiEvent;
  readonly at: number;
}

export class Changes {
  readonly newRuns: Map<string, RunRecord> = new Map();
  readonly savedRuns: Map<string, RunRecord> = new Map();
  readonly spendings: Map<string, Spending> = new Map();
  readonly tasks: Map<number, ChangedTask> = new Map();
  /** Sequences of added tasks by run and id. */
  readonly added: Map<string, number> = new Map();
  readonly edges: [dependency: number, dependant: number][] = [];
  readonly events: NewEvent[] = [];
  readonly workers: Map<string, { readonly worker: WorkerIdentity; readonly at: number }> = new Map();
  /** Renewals by worker. */
  readonly renewals: Map<string, number> = new Map();
  drivers: [runId: string, workerId: string][] = [];
  readonly clearedDrivers: Set<string> = new Set();
  /** How many more attempts are held than the database says. */
  readonly heldByAgent: Map<string, number> = new Map();
  readonly heldInRun: Map<string, number> = new Map();
  readonly paidInRun: Map<string, number> = new Map();
  sequences = 0;

  add(task: TaskState, lane: string, open: number): void {
    this.added.set(idKey(task.runId, task.spec.taskId), task.sequence);
    this.tasks.set(task.sequence, { task, lane, open, dependants: 0, isNew: true, before: null });
    this.#count(task, 1);
  }

  save(current: TaskRow | ChangedTask, task: TaskState, changes: Partial<Beside> = {}): void {
    this.#count(current.task, -1);
    this.#count(task, 1);
    const { isNew, before } = "isNew" in current ? current : { isNew: false, before: current };
    const { lane, open, dependants } = { ...pickBeside(current), ...changes };
    this.tasks.set(task.sequence, { task, lane, open, dependants, isNew, before });
  }

  #count(task: TaskState, by: number): void {
    if (!isHeld(task)) return;
    if (task.agentId !== null) {
      this.heldByAgent.set(task.agentId, (this.heldByAgent.get(task.agentId) ?? 0) + by);
    }
    this.heldInRun.set(task.runId, (this.heldInRun.get(task.runId) ?? 0) + by);
    if (isStillPaid(task)) this.paidInRun.set(task.runId, (this.paidInRun.get(task.runId) ?? 0) + by);
  }
}

/** What the table keeps beside a task's state. */
type Beside = Pick<ChangedTask, "lane" | "open" | "dependants">;

function pickBeside({ lane, open, dependants }: Beside): Beside {
  return { lane, open, dependants };
}
