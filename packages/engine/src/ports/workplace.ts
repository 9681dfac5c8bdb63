/** Where attempts work and what they print goes. */
import type { FarmTask } from "mai-orchestration-core";

/** @public */
export interface Place {
  /** The root of the run, absolute. */
  readonly root: string;
  /** Where the attempt works, absolute. */
  readonly workspace: string;
  /** Absolute; empty when nothing is written for this attempt. */
  readonly outputFile: string;
}

/** @public */
export interface Workplace {
  /** Names the places of an attempt and makes what must exist before a process starts. */
  prepare(root: string, runId: string, task: FarmTask, attempt: number): Place;
}
