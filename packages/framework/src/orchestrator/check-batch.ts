/** What a batch must be before anything of it starts. */
import { MaiError } from "mai-orchestration-core";
import type { Ledger } from "./ledger.ts";

/** Throws `batch.empty`, `batch.unknown-task` or `batch.missing-dependency`. */
export function refuseBadBatch(
  ids: readonly string[],
  ledger: Ledger,
  isDriven: (taskId: string) => boolean,
): void {
  if (ids.length === 0) {
    throw new MaiError("batch.empty", "A batch of no tasks is no success", {
      hint: "Pass the ids that queueBatch returned.",
    });
  }
  refuseUnknown(ids, ledger);
  refuseMissing(ids, ledger, isDriven);
}

/** Throws `batch.unknown-task`. */
export function refuseUnknown(ids: readonly string[], ledger: Ledger): void {
  const unknown = ids.find((id) => ledger.task(id) === undefined);
  if (unknown === undefined) return;
  throw new MaiError("batch.unknown-task", `No task ${unknown} was queued`, { hint: "Queue it first." });
}

/**
 * Throws `batch.missing-dependency` for a dependency that would never end: it
 * is not among `ids`, has not ended, and nobody is having it done.
 */
export function refuseMissing(
  ids: readonly string[],
  ledger: Ledger,
  isDriven: (taskId: string) => boolean,
): void {
  const inside = new Set(ids);
  for (const id of ids) {
    for (const dependency of ledger.task(id)?.dependsOn ?? []) {
      if (inside.has(dependency) || ledger.result(dependency) !== undefined || isDriven(dependency)) continue;
      const message = `Task ${id} depends on ${dependency}, which is neither executed nor ended`;
      throw new MaiError("batch.missing-dependency", message, {
        hint: "Execute both in one batch, or the dependency first.",
      });
    }
  }
}
