/** Where attempts work and what they print goes. */
import type { Check, FarmTask, Receipt, Work } from "mai-orchestration-core";
import type { ClaimRef } from "./store.ts";

/** Whose place is wanted, and what may stop its making. @public */
export interface PlaceRequest {
  /** The root of the run, absolute. */
  readonly root: string;
  readonly claim: ClaimRef;
  readonly task: FarmTask;
  /** An agent of backend `function` prints nothing of its own and gets no output file. */
  readonly backend: string;
  /** Stands in the environment of every process that makes the place. */
  readonly mark: string;
  /** Aborts as the attempt's own does. */
  readonly signal: AbortSignal;
}

/** The directories and the file of one attempt. @public */
export interface Place {
  /** The root of the run, absolute. */
  readonly root: string;
  /** Where the attempt works, absolute. */
  readonly workspace: string;
  /** Absolute; empty when nothing is written for this attempt. */
  readonly outputFile: string;
  /** Absent where the attempt works in the folder that all share and leaves nothing to be kept. */
  readonly own?: OwnPlace;
}

/** What an attempt has of its own, and how that is kept. @public */
export interface OwnPlace {
  /** Whether nobody else writes there, so that a tree that changes under a check was changed by that check. */
  readonly isolated: boolean;
  /**
   * Runs a check that failed on what the task started from, and answers whether it fails there as well; `null` when
   * it could not be found out, or nobody asked for it.
   */
  failsOnBase(check: Check): Promise<boolean | null>;
  /**
   * Keeps what the attempt left: to be called once its processes are gone and its checks are over, before its outcome
   * goes to the store. Whatever dies after it, the work can be found. `null` when there is nothing to be kept.
   * Rejects when it could not be kept.
   */
  finish(outcome: PlaceOutcome): Promise<Work | null>;
}

/** How an attempt ended, for those who keep its work. @public */
export interface PlaceOutcome {
  readonly succeeded: boolean;
  /** In the order they came. */
  readonly receipts: readonly Receipt[];
}

/** Why an attempt gets no place. @public */
export interface NoPlace {
  /** One line. */
  readonly reason: string;
  /** Whether another try could help. */
  readonly kind: "permanent" | "transient";
  /** What was printed on the way. */
  readonly output: string;
}

/** How an engine gives attempts their place on disk. @public */
export interface Workplace {
  /** Names the places of an attempt and makes what must exist before it starts. */
  prepare(request: PlaceRequest): Promise<Place | NoPlace>;
  /** Keeps all of an output that is too long for the store, and names the file. */
  keep(root: string, claim: ClaimRef, output: string): Promise<string>;
  /**
   * Hides secrets in what an attempt has printed, in place and without moving a byte: those of known shapes, and the
   * given values. Called once its processes are gone. Absent: what was printed stays as it is.
   */
  hideSecrets?(outputFile: string, values: readonly string[]): Promise<void>;
}
