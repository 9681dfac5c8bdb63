/** How verified work of isolated tasks leaves its branch, and the facts of a run that say what became of it. */
import type { Receipt } from "./result.ts";

/** What is done with the verified work of an isolated task. @public */
export type Deliver = "branch" | "patch" | "merge" | "pull-request";

/** Every way of delivery. @public */
export const deliveries: readonly Deliver[] = ["branch", "patch", "merge", "pull-request"];

/** One fact about the delivery of a run's work. @public */
export type DeliveryEvent =
  /** A queue of work for a branch begins; what an earlier one of the same target said is over. */
  | {
      readonly type: "delivery.started";
      readonly target: string;
      /** Where the target stood. */
      readonly commit: string;
      /** In the order in which they are taken. */
      readonly tasks: readonly string[];
    }
  /** The tree with the work of these tasks passed the checks. */
  | {
      readonly type: "delivery.merged";
      readonly target: string;
      readonly commit: string;
      readonly tree: string;
      readonly tasks: readonly string[];
      readonly receipts: readonly Receipt[];
    }
  /** The work of a task is left out; its branch stays as it is. */
  | {
      readonly type: "delivery.failed";
      /** `null` for a patch. */
      readonly target: string | null;
      readonly task: string;
      readonly reason: string;
      readonly receipts: readonly Receipt[];
    }
  /** The work of a task contradicts what is delivered; both stay as they are. */
  | {
      readonly type: "delivery.conflicted";
      readonly target: string;
      readonly task: string;
      /** What it contradicts. */
      readonly commit: string;
      readonly files: readonly string[];
      /** The task that brings both together; `null` when that is left to a person. */
      readonly resolver: string | null;
    }
  /** A patch was written, or a pull request opened. */
  | {
      readonly type: "delivery.offered";
      readonly task: string;
      readonly as: "patch" | "pull-request";
      /** The file, or the address. */
      readonly place: string;
    }
  | {
      readonly type: "delivery.finished";
      readonly target: string;
      /** The commit with all that was merged. */
      readonly commit: string;
      /** The branch where it waits for a person; `null` when the target has it. */
      readonly branch: string | null;
      /** Why it waits. */
      readonly reason: string | null;
    };

/** How the delivery to one branch stands. @public */
export interface TargetDelivery {
  readonly target: string;
  /** Where the target stood when the queue began. */
  readonly from: string;
  /** The newest commit that passed. */
  readonly commit: string;
  /** What the queue was to take. */
  readonly queued: readonly string[];
  readonly merged: readonly string[];
  /** What did not go in. */
  readonly left: readonly string[];
  readonly receipts: readonly Receipt[];
  /** Whether the queue came to its end. */
  readonly isOver: boolean;
  readonly branch: string | null;
  readonly reason: string | null;
}

/** What became of the work of one task. @public */
export type TaskDelivery = Extract<
  DeliveryEvent,
  { readonly type: "delivery.merged" | "delivery.failed" | "delivery.conflicted" | "delivery.offered" }
>;

/** The delivery of a run, as a fold of its facts. @public */
export interface DeliveryState {
  readonly targets: ReadonlyMap<string, TargetDelivery>;
  /** The newest word on each task. */
  readonly tasks: ReadonlyMap<string, TaskDelivery>;
  /** Tasks that bring two sides together, and whose work that is about. */
  readonly origins: ReadonlyMap<string, string>;
}

/** Nothing is delivered yet. @public */
export const noDelivery: DeliveryState = { targets: new Map(), tasks: new Map(), origins: new Map() };

/** Whether a fact is about delivery. @public */
export function isDeliveryEvent(event: { readonly type: string }): event is DeliveryEvent {
  return event.type.startsWith("delivery.");
}

/** Folds the facts about delivery; others are passed over. @public */
export function deliveryOf(events: Iterable<{ readonly type: string }>): DeliveryState {
  const targets = new Map<string, TargetDelivery>();
  const tasks = new Map<string, TaskDelivery>();
  const origins = new Map<string, string>();
  for (const event of events) {
    if (!isDeliveryEvent(event)) continue;
    foldTarget(targets, event);
    if (event.type === "delivery.merged") for (const task of event.tasks) tasks.set(task, event);
    else if ("task" in event) tasks.set(event.task, event);
    if (event.type === "delivery.conflicted" && event.resolver !== null)
      origins.set(event.resolver, event.task);
  }
  return { targets, tasks, origins };
}

function foldTarget(targets: Map<string, TargetDelivery>, event: DeliveryEvent): void {
  if (event.type === "delivery.started") {
    const { target, commit, tasks: queued } = event;
    const fresh = { merged: [], left: [], receipts: [], isOver: false, branch: null, reason: null };
    targets.set(target, { target, from: commit, commit, queued, ...fresh });
    return;
  }
  if (event.type === "delivery.offered" || event.target === null) return;
  const known = targets.get(event.target);
  if (known === undefined) return;
  if (event.type === "delivery.failed" || event.type === "delivery.conflicted") {
    targets.set(event.target, { ...known, left: [...known.left, event.task] });
    return;
  }
  if (event.type === "delivery.finished") {
    const { commit, branch, reason } = event;
    targets.set(event.target, { ...known, commit, branch, reason, isOver: true });
    return;
  }
  const { commit, receipts } = event;
  targets.set(event.target, { ...known, commit, receipts, merged: [...known.merged, ...event.tasks] });
}
