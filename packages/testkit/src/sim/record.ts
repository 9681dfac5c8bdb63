/** The journal of a simulated world and what became of its tasks, for keeping beside later versions. */
import type { JournalEntry, TaskState } from "mai-orchestration-core";
import { drawWorld } from "./draw-world.ts";
import { simulate } from "./simulate.ts";

/** A journal with the states that it folds to. @public */
export interface Recording {
  readonly journal: readonly JournalEntry[];
  /** In order of submission. */
  readonly tasks: readonly TaskState[];
}

/** Lets the world of a seed happen and keeps its journal; the same for the same seed and version. @public */
export async function recordSeed(seed: number): Promise<Recording> {
  const { history, tasks } = await simulate(drawWorld(seed));
  const journal = history.flatMap((fact) => (fact.type === "entry" ? [fact.entry] : []));
  return { journal, tasks };
}
