/** Where attempts work and what they print goes. */
import type { FarmTask } from "mai-orchestration-core";
import type { ClaimRef } from "./store.ts";

/** The directories and the file of one attempt. @public */
export interface Place {
  /** The root of the run, absolute. */
  readonly root: string;
  /** Where the attempt works, absolute. */
  readonly workspace: string;
  /** Absolute; empty when nothing is written for this attempt. */
  readonly outputFile: string;
}

/** How an engine gives attempts their place on disk. @public */
export interface Workplace {
  /**
   * Names the places of an attempt and makes what must exist before it starts. An agent of backend `function`
   * prints nothing of its own and gets no output file.
   */
  prepare(root: string, claim: ClaimRef, task: FarmTask, backend: string): Place;
  /** Keeps all of an output that is too long for the store, and names the file. */
  keep(root: string, claim: ClaimRef, output: string): Promise<string>;
}
