/** What the engine must know of processes that are not its children. */

/** A process that drives runs, recognisable although pids are reused. @public */
export interface WorkerIdentity {
  readonly workerId: string;
  readonly pid: number;
  /** When the process started, in whatever unit the system gives; equal only for the same process. */
  readonly started: string;
  /** The machine and boot it lives on; equal only where `pid` means the same. */
  readonly host: string;
}

/** How an engine learns whether other engines live, and ends what dead ones left running. @public */
export interface Custody {
  /** This process. */
  readonly self: WorkerIdentity;
  /** Whether that worker is proven dead. `false` when it lives, and when nobody here can tell. */
  isDead(worker: WorkerIdentity): boolean;
  /**
   * Tells the guard of a dead worker to stand down, for its processes are ours from now on. Resolves `false` when the
   * guard has begun to end them: then none of them may be adopted. Safe to call twice.
   */
  takeOver(worker: WorkerIdentity): Promise<boolean>;
  /** Ends every process that carries the mark and resolves when none is left. Touches no other process. */
  reap(mark: string): Promise<void>;
}
