/** The delivery of a run's verified work, once its tasks have ended: each step is in the journal before the next. */
import { join } from "node:path";
import { type Author, Delivery, type Git } from "mai-orchestration-agents";
import {
  type DeliveryEvent,
  type DeliveryState,
  deliveryOf,
  type FarmTask,
  isDeliveryEvent,
  type TaskState,
} from "mai-orchestration-core";
import type { NewRun, RunCheck, Store } from "mai-orchestration-engine";
import { safeFileName } from "../safe-file-name.ts";
import { logFolder } from "../workplace.ts";
import { whyLeft } from "./left-out.ts";
import { mergeInto } from "./merge-into.ts";
import { offer } from "./offer.ts";

/** @internal */
export interface DeliverInput {
  readonly store: Store;
  readonly run: NewRun;
  readonly git: Git;
  readonly runCheck: RunCheck;
  readonly author: Author;
  readonly signal: AbortSignal;
}

/** @internal */
export interface Delivered {
  /** Tasks that bring contradicting work together; to be added to the run and brought to their ends. */
  readonly resolvers: readonly FarmTask[];
  /** Verified work that was to be delivered and is not, with the reason. */
  readonly left: ReadonlyMap<string, string>;
}

/** What the parts of a delivery share. @internal */
export interface Deliveries extends DeliverInput {
  readonly delivery: Delivery;
  readonly tasks: readonly TaskState[];
  /** What the journal said before. */
  readonly state: DeliveryState;
  note(event: DeliveryEvent): Promise<void>;
}

const nothing: Delivered = { resolvers: [], left: new Map() };

/** Stands in the environment of all that a delivery starts. @internal */
export function deliveryMarkOf(runId: string): string {
  return `${runId}/delivery`;
}

/**
 * Delivers what is verified and not delivered yet, and goes on with what an engine that died had begun. A run of which
 * something was cancelled delivers nothing: somebody wanted it to stop. Rejects when it is stopped itself.
 *
 * @internal
 */
export async function deliver(input: DeliverInput): Promise<Delivered> {
  const { store, run, git, runCheck, author, signal } = input;
  const { runId, root } = run;
  const tasks = await store.tasks({ runId });
  const wanted = tasks.filter(({ spec }) => (spec.deliver ?? "branch") !== "branch");
  if (wanted.length === 0 || tasks.some(({ end }) => end?.verdict === "cancelled")) return nothing;
  const outputFile = join(logFolder(root), safeFileName(runId), "delivery.log");
  const mark = deliveryMarkOf(runId);
  const delivery = await Delivery.open({ git, runCheck, author, root, runId, outputFile, mark, signal });
  const events = await deliveryEvents(store, runId);
  const deliveries: Deliveries = {
    ...input,
    delivery,
    tasks,
    state: deliveryOf(events),
    async note(event) {
      signal.throwIfAborted();
      await store.note(runId, event);
      events.push(event);
    },
  };
  const targets = new Set(
    wanted.flatMap(({ spec: { deliver: how, target } }) =>
      how === "merge" && target !== undefined ? [target] : [],
    ),
  );
  const resolvers: FarmTask[] = [];
  const inside = new Set<string>();
  for (const target of targets) {
    const found = await mergeInto(target, deliveries);
    resolvers.push(...found.resolvers);
    for (const taskId of found.inside) inside.add(taskId);
  }
  await offer(deliveries);
  return { resolvers, left: whyLeft({ tasks, inside, resolvers, state: deliveryOf(events) }) };
}

/** What the journal says about the delivery of a run, in its order. @internal */
export async function deliveryEvents(store: Store, runId: string): Promise<DeliveryEvent[]> {
  const found: DeliveryEvent[] = [];
  let afterSeq = (await store.run(runId))?.firstSeq ?? 1;
  for (afterSeq -= 1; ; ) {
    const page = await store.journal(afterSeq, { runId });
    for (const entry of page) if (isDeliveryEvent(entry)) found.push(entry);
    const last = page.at(-1);
    if (last === undefined) return found;
    afterSeq = last.seq;
  }
}
