/** What the receipts of an attempt prove of what it left. */
import type { Receipt } from "../result.ts";
import type { TaskState } from "./task-state.ts";

/** How far a success is proven. */
export interface Proof {
  /** Checks that were asked for, each of which has its receipt. */
  readonly checks: number;
  /** Why it may be called a success and not verified. */
  readonly doubts: readonly string[];
}

/** `null` where a check failed or is missing, or saw another tree than the one that was kept. */
export function proofOf({ spec, receipts, work }: TaskState): Proof | null {
  const wanted = spec.verify ?? [];
  if (receipts.some((receipt) => !receipt.passed && receipt.failsOnBase !== true)) return null;
  // By command and not by number: a check that was repeated does not stand for one that never ran.
  const newest = new Map<string, Receipt>(receipts.map((receipt) => [receipt.command, receipt]));
  if (!wanted.every(({ command }) => newest.has(command))) return null;
  if (spec.isolation === "worktree") {
    if (work === null) return null;
    for (const { tree, treeChanged } of newest.values()) if (treeChanged || tree !== work.tree) return null;
  }
  const old = [...newest.values()].filter(({ passed }) => !passed);
  return {
    checks: wanted.length,
    doubts: [
      ...old.map(({ command }) => `the check fails on the base as well: ${command}`),
      ...(work?.doubts ?? []),
    ],
  };
}
