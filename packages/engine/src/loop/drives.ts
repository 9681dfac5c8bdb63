/** What an engine was asked to bring to an end, and when each of it is over. */
import type { ApprovalAnswer, TaskState } from "mai-orchestration-core";
import type { Cancellation, Claim, Exhausted, Offer, Scope, Settlement, Store } from "../ports/store.ts";
import type { Drive, DriveEnd } from "./drive.ts";
import { scopeOf } from "./request.ts";

/** What the drives need of their engine. */
export interface DrivesPorts {
  readonly store: Store;
  /** Whether an outcome is on its way to the store. */
  isSettling(): boolean;
  /** Told once for each task. */
  onEnded(task: TaskState): void;
  onFailFast(drive: Drive, reason: string): void;
  onFailed(error: unknown): void;
  /** The last drive is over. */
  onEmpty(): void;
}

export class Drives {
  readonly #ports: DrivesPorts;
  readonly #all = new Set<Drive>();
  /** Calls on their way to the store by which tasks end. */
  #ending = 0;

  constructor(ports: DrivesPorts) {
    this.#ports = ports;
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  add(drive: Drive): void {
    this.#all.add(drive);
  }

  /** Resolves when all that are under way now are over. */
  async over(): Promise<void> {
    await Promise.allSettled([...this.#all].map((drive) => drive.done));
  }

  runIds(): Set<string> {
    return new Set([...this.#all].map((drive) => drive.options.runId));
  }

  /** Whether the store is worth asking: who can start nothing still looks whether a ceiling holds a run up for ever. */
  shouldAsk(scopes: readonly Scope[], offers: readonly Offer[]): boolean {
    if (scopes.length === 0) return false;
    if (offers.length > 0) return offers.some((offer) => offer.free > 0);
    return [...this.#all].some(({ options }) => options.hasCeiling === true);
  }

  scopes(): Scope[] {
    return [...this.#all].filter((drive) => drive.wantsMore).map(scopeOf);
  }

  /** Whose slot an attempt takes: of the drives that want the task, one with a slot left. */
  driveOf({ runId, taskId }: Claim): Drive | undefined {
    const wanting = [...this.#all].filter((drive) => drive.wants(runId, taskId));
    return wanting.find((drive) => drive.freeSlots > 0) ?? wanting[0];
  }

  async cancel(runId: string, reason: string, taskIds?: readonly string[]): Promise<Cancellation> {
    return this.#end(this.#ports.store.cancel(runId, reason, taskIds), (cancellation) => cancellation.ended);
  }

  async block(runId: string, reason: string, taskIds: readonly string[]): Promise<void> {
    await this.#end(this.#ports.store.block(runId, reason, taskIds), (blocked) => blocked);
  }

  async answerApproval(runId: string, taskId: string, answer: ApprovalAnswer): Promise<Settlement> {
    const call = this.#ports.store.answerApproval(runId, taskId, answer);
    return this.#end(call, (settlement) => (settlement.ok ? settlement.ended : []));
  }

  async #end<T>(call: Promise<T>, endedBy: (answer: T) => readonly TaskState[]): Promise<T> {
    this.#ending++;
    try {
      const answer = await call;
      this.ended(endedBy(answer));
      return answer;
    } finally {
      this.#ending--;
    }
  }

  /** No other engine runs anything of the run, and nothing of it can start: waiting would be for ever. */
  exhausted(run: Exhausted): void {
    for (const drive of this.#all) {
      if (drive.options.runId !== run.runId || drive.running > 0) continue;
      drive.exhausted = run;
      this.#close(drive, "exhausted");
    }
  }

  /** Tells of tasks that ended, and ends the drives that waited for nothing else. */
  ended(tasks: readonly TaskState[]): void {
    for (const task of tasks) {
      this.#ports.onEnded(task);
      for (const drive of this.#all) {
        if (!drive.wants(task.runId, task.spec.taskId)) continue;
        drive.open?.delete(task.spec.taskId);
        this.#failFast(drive, [task]);
        if (drive.open === null) drive.mayBeOver = true;
        else if (drive.open.size === 0) this.#close(drive, "ended");
      }
    }
  }

  /** An attempt of the run was settled: a drive of the whole run may be over by it. */
  settled(runId: string): void {
    for (const drive of this.#all) {
      if (drive.open === null && drive.options.runId === runId) drive.mayBeOver = true;
    }
  }

  /** Others may have ended anything. */
  suspect(): void {
    for (const drive of this.#all) {
      drive.mayBeOver = true;
      drive.mayHaveFailed = true;
    }
  }

  /** Fail-fast holds whoever saw the failure: an engine that died before it could cancel the rest, or another one. */
  async lookForFailure(drive: Drive): Promise<void> {
    const { runId, failFast, only } = drive.options;
    drive.mayHaveFailed = false;
    if (failFast !== true || drive.isCancelling) return;
    if (only === undefined) {
      const { verdicts } = await this.#ports.store.counts(runId);
      if ((verdicts.failed ?? 0) > 0) this.#ports.onFailFast(drive, "a task failed (fail-fast)");
    } else {
      this.#failFast(drive, await this.#ports.store.tasks({ runId, taskIds: only, phases: ["ended"] }));
    }
  }

  /** Ends the drives of which nothing is open any more. */
  lookForEnds(): void {
    for (const drive of this.#all) {
      if (drive.mayHaveFailed) {
        this.lookForFailure(drive).catch((error: unknown) => this.#ports.onFailed(error));
      }
      if (drive.running > 0 || !drive.mayBeOver) continue;
      drive.mayBeOver = false;
      this.#lookForEnd(drive).catch((error: unknown) => this.#ports.onFailed(error));
    }
  }

  /** Ends all drives of a stopped engine, by which nothing runs any more. */
  abandon(failure: { readonly error: unknown } | null): void {
    for (const drive of this.#all) {
      if (failure !== null) {
        this.#remove(drive);
        drive.fail(failure.error);
      } else {
        this.#lookForEnd(drive).then(
          () => this.#close(drive, "interrupted"),
          (error: unknown) => this.#ports.onFailed(error),
        );
      }
    }
  }

  async #lookForEnd(drive: Drive): Promise<void> {
    const { store } = this.#ports;
    const { runId } = drive.options;
    if (drive.open === null) {
      const { total, phases } = await store.counts(runId);
      if (total === (phases.ended ?? 0) && drive.running === 0) this.#close(drive, "ended");
    } else {
      const ended = await store.tasks({ runId, taskIds: [...drive.open], phases: ["ended"] });
      if (this.#ending > 0 || this.#ports.isSettling()) {
        // What ended by our own doing is told when the store has answered that; then it is time to look again.
        drive.mayBeOver = true;
        return;
      }
      // What ended by our own doing while the store answered has been told.
      this.ended(ended.filter((task) => drive.open?.has(task.spec.taskId)));
    }
  }

  #failFast(drive: Drive, ended: readonly TaskState[]): void {
    const failed = ended.find((task) => task.end?.verdict === "failed");
    if (drive.options.failFast !== true || failed === undefined) return;
    this.#ports.onFailFast(drive, `${failed.spec.taskId} failed (fail-fast)`);
  }

  #close(drive: Drive, end: DriveEnd): void {
    if (drive.isOver) return;
    this.#remove(drive);
    drive.finish(end);
  }

  #remove(drive: Drive): void {
    this.#all.delete(drive);
    if (this.#all.size === 0) this.#ports.onEmpty();
  }
}
