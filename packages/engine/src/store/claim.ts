/** Starting attempts: who is next, by which agent, within every cap. */
import {
  affordsAttempt,
  chooseAgent,
  compareKeys,
  type Demand,
  demandOfLane,
  invariant,
  mayCost,
  nothingSpent,
  type Spending,
  serves,
  type TaskState,
} from "mai-orchestration-core";
import type { Claim, Claimed, ClaimRequest, Exhausted, Offer, Scope } from "../ports/store.ts";
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

/** What a run may spend yet, while one claim is made. */
interface Purse {
  readonly maxCostUsd: number | null;
  readonly spending: Spending;
  /** Attempts that have not said yet what they cost. */
  running: number;
}

function purseOf(table: Table, runId: string): Purse {
  const maxCostUsd = table.run(runId)?.maxCostUsd ?? null;
  if (maxCostUsd === null) return { maxCostUsd, spending: nothingSpent, running: 0 };
  return { maxCostUsd, spending: table.spending(runId), running: table.paidInRun(runId) };
}

/** Whether nothing of the run runs, and nothing but what is not afforded is ready, whoever could do it. */
function isHeldUp(table: Table, { runId, only }: Scope, { maxCostUsd, spending }: Purse): boolean {
  if (affordsAttempt(maxCostUsd, spending, 0) || table.heldInRun(runId) > 0) return false;
  const first = table.lanes(runId).flatMap((lane) => table.ready(runId, lane, 1, only));
  const tasks = first.flatMap(({ sequence }) => table.taskAt(sequence) ?? []);
  return tasks.length > 0 && tasks.every((task) => mayCost(task.spec) && !task.unchecked);
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
  const exhausted: Exhausted[] = [];
  for (const scope of request.scopes) {
    if (slots.closed) break;
    const purse = purseOf(table, scope.runId);
    claimScope(table, request, scope, slots, purse, claims, now);
    const { maxCostUsd, spending } = purse;
    if (maxCostUsd !== null && isHeldUp(table, scope, purse))
      exhausted.push({ runId: scope.runId, maxCostUsd, ...spending });
  }
  const nextWakeAt = table.nextWakeAt();
  return exhausted.length === 0 ? { claims, nextWakeAt } : { claims, nextWakeAt, exhausted };
}

function freeSlots(table: Table, offer: Offer): number {
  return offer.free <= 0 ? 0 : Math.min(offer.free, offer.maxConcurrent - table.heldByAgent(offer.agentId));
}

function claimScope(
  table: Table,
  request: ClaimRequest,
  scope: Scope,
  slots: Slots,
  purse: Purse,
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
    const next = startNext(table, request, lanes, slots, purse, now);
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
  purse: Purse,
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
    // What has answered is paid for, and commands cost nothing.
    if (mayCost(task.spec) && !task.unchecked) {
      if (!affordsAttempt(purse.maxCostUsd, purse.spending, purse.running)) continue;
      purse.running++;
    }
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
