/** Starting attempts: who is next, by which agent, within every cap. */
import {
  chooseAgent,
  compareKeys,
  type Demand,
  demandOfLane,
  invariant,
  serves,
  type TaskState,
} from "mai-orchestration-core";
import type { Claim, Claimed, ClaimRequest, Offer, Scope } from "../ports/store.ts";
import { apply } from "./apply.ts";
import type { ReadyKey, Table } from "./table.ts";

/** Free slots while one claim is made: each start takes one. */
interface Slots {
  readonly free: Map<Offer, number>;
  readonly locks: Set<string>;
  /** Whether anything runs on the claiming engine. */
  busy: boolean;
  /** Set once a task has started that must run alone, or waits to: nothing else may start. */
  closed: boolean;
}

interface Lane {
  readonly demand: Demand;
  readonly keys: ReadyKey[];
}

/** Starts attempts of the next tasks of each scope. @public */
export function claim(table: Table, request: ClaimRequest, now: number): Claimed {
  table.saveWorker(request.worker, now);
  for (const { runId } of request.scopes) table.addDriver(runId, request.worker.workerId);
  for (const sequence of table.due(now)) {
    const task = table.taskAt(sequence);
    if (task !== undefined) apply(table, task, [{ type: "wake" }], now);
  }

  const slots: Slots = {
    free: new Map(request.offers.map((offer) => [offer, freeSlots(table, offer)])),
    locks: new Set(table.heldLocks()),
    busy: !request.idle,
    closed: false,
  };
  const claims: Claim[] = [];
  for (const scope of request.scopes) {
    if (slots.closed) break;
    claimScope(table, request, scope, slots, claims, now);
  }
  return { claims, nextWakeAt: table.nextWakeAt() };
}

function freeSlots(table: Table, offer: Offer): number {
  return offer.free <= 0 ? 0 : Math.min(offer.free, offer.maxConcurrent - table.heldByAgent(offer.agentId));
}

function claimScope(
  table: Table,
  request: ClaimRequest,
  scope: Scope,
  slots: Slots,
  claims: Claim[],
  now: number,
): void {
  const parallel = table.run(scope.runId)?.parallel ?? null;
  let wanted =
    parallel === null ? scope.slots : Math.min(scope.slots, parallel - table.heldInRun(scope.runId));
  wanted = Math.min(
    wanted,
    [...slots.free.values()].reduce((sum, free) => sum + Math.max(0, free), 0),
  );
  if (wanted <= 0) return;

  const lanes = openLanes(table, request.offers, scope, slots, wanted);
  for (; wanted > 0 && !slots.closed; wanted--) {
    const next = startNext(table, request, lanes, slots, now);
    if (next === undefined) return;
    claims.push(next);
  }
}

/** The heads of all lanes that some free agent serves. */
function openLanes(
  table: Table,
  offers: readonly Offer[],
  scope: Scope,
  slots: Slots,
  wanted: number,
): Set<Lane> {
  const lanes = new Set<Lane>();
  for (const name of table.lanes(scope.runId)) {
    const demand = demandOfLane(name);
    if (!offers.some((offer) => (slots.free.get(offer) ?? 0) > 0 && serves(offer, demand))) continue;
    const keys = table.ready(scope.runId, name, wanted, scope.only);
    if (keys.length > 0) lanes.add({ demand, keys: keys.reverse() });
  }
  return lanes;
}

/** Starts the first task, by key, of all lanes that can be served right now. */
function startNext(
  table: Table,
  request: ClaimRequest,
  lanes: Set<Lane>,
  slots: Slots,
  now: number,
): Claim | undefined {
  for (let lane = firstLane(lanes); lane !== undefined; lane = firstLane(lanes)) {
    const { demand } = lane;
    const offer = chooseAgent(request.offers, demand, (one) => slots.free.get(one) ?? 0);
    if (offer === undefined || demand.locks.some((lock) => slots.locks.has(lock))) {
      lanes.delete(lane);
      continue;
    }
    if (demand.alone && slots.busy) {
      // Its turn has come: let what runs end, and start nothing beside it.
      slots.closed = true;
      return undefined;
    }
    const key = lane.keys.pop();
    if (lane.keys.length === 0) lanes.delete(lane);
    invariant(key !== undefined, "a lane without keys is no lane");
    const task = table.taskAt(key.sequence);
    invariant(task !== undefined, "a ready task is in the store");
    const best = ownOffer(request.offers, task, slots) ?? offer;
    take(slots, best, demand);
    return start(table, request, best, task, now);
  }
  return undefined;
}

/** The checks of what an agent has done take its own slot, if it has one free. */
function ownOffer(offers: readonly Offer[], task: TaskState, slots: Slots): Offer | undefined {
  if (!task.unchecked) return undefined;
  return offers.find((one) => one.agentId === task.agentId && (slots.free.get(one) ?? 0) > 0);
}

function firstLane(lanes: Set<Lane>): Lane | undefined {
  let first: Lane | undefined;
  let firstKey: ReadyKey | undefined;
  for (const lane of lanes) {
    const key = lane.keys.at(-1);
    if (key !== undefined && (firstKey === undefined || compareKeys(key, firstKey) < 0)) {
      first = lane;
      firstKey = key;
    }
  }
  return first;
}

function take(slots: Slots, offer: Offer, demand: Demand): void {
  slots.free.set(offer, (slots.free.get(offer) ?? 0) - 1);
  for (const lock of demand.locks) slots.locks.add(lock);
  slots.busy = true;
  slots.closed = demand.alone;
}

function start(table: Table, request: ClaimRequest, offer: Offer, task: TaskState, now: number): Claim {
  const { workerId } = request.worker;
  const applied = apply(
    table,
    task,
    [
      {
        type: "claim",
        agentId: offer.agentId,
        workerId,
        maxAttempts: offer.maxAttemptsFor(task.spec),
      },
    ],
    now,
  );
  invariant(applied.ok, "a ready task can be claimed");
  const { runId, spec } = task;
  return { runId, taskId: spec.taskId, attempt: applied.task.attempt, workerId, task: applied.task };
}
