/** What became of the work of a run beyond its own branches, in words. */
import {
  type DeliveryState,
  deliveryOf,
  noDelivery,
  type TargetDelivery,
  type TaskDelivery,
  type TaskState,
} from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { plural } from "../text/text.ts";

/** Looked up only where something was to be delivered: the journal is long. @internal */
export async function deliveryState(
  store: Store,
  run: RunRecord,
  tasks: readonly TaskState[],
): Promise<DeliveryState> {
  if (!tasks.some(({ spec }) => (spec.deliver ?? "branch") !== "branch")) return noDelivery;
  const { deliveryEvents } = await import("../../execution/delivery/deliver.ts");
  return deliveryOf(await deliveryEvents(store, run.runId));
}

/** One line for each branch, and for each task that is not simply in it. @internal */
export function deliveryLines({ targets, tasks }: DeliveryState): string[] {
  const merged = (target: string): number =>
    [...tasks.values()].filter((word) => word.type === "delivery.merged" && word.target === target).length;
  return [
    ...[...targets.values()].map((target) => targetText(target, merged(target.target))),
    ...[...tasks].flatMap(([taskId, word]) => deliveredText(taskId, word) ?? []),
  ];
}

function targetText({ target, commit, isOver, branch, reason }: TargetDelivery, merged: number): string {
  const head = `${target}: ${plural(merged, "task")} merged, up to commit ${commit.slice(0, 12)}`;
  if (!isOver) return `${head}; the queue has not come to its end`;
  if (branch === null) return head;
  return `${head}; it waits on ${branch}: ${reason ?? ""}. Take it with: git merge --ff-only ${branch}`;
}

function deliveredText(taskId: string, word: TaskDelivery): string | null {
  switch (word.type) {
    case "delivery.merged":
      return null;
    case "delivery.offered":
      return `${taskId}: ${word.as === "patch" ? "patch" : "pull request"} ${word.place}`;
    case "delivery.failed":
      return `${taskId}: left out, ${word.reason}`;
    case "delivery.conflicted": {
      const what = `${taskId}: contradicted ${word.target} in ${word.files.slice(0, 5).join(", ")}`;
      return word.resolver === null
        ? `${what}; left to a person`
        : `${what}; brought together by ${word.resolver}`;
    }
  }
}
