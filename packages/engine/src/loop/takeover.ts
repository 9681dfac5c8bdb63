/** What a dead engine held is gone on with here, or given back once nothing of it lives. */
import type { TaskState } from "mai-orchestration-core";
import type { Custody } from "../ports/custody.ts";
import type { Claim, HeldAttempt, Outcome, Store } from "../ports/store.ts";
import { markOf } from "./mark.ts";

/** What can be done here with an attempt whose engine is dead. */
export type Heritage =
  /** It can be gone on with. */
  | "goes-on"
  /** Nobody anywhere could go on with it. */
  | "lost"
  /** Others might go on with it, but not this engine. */
  | "given-back";

/** What a takeover needs of its engine. */
export interface TakeoverPorts {
  readonly store: Store;
  readonly custody: Custody;
  heritageOf(claim: Claim): Heritage;
  /** It is held here now, and goes on. */
  onAdopted(claim: Claim): void;
  onEnded(tasks: readonly TaskState[]): void;
}

/**
 * Nothing of an attempt is touched before the store has said that it is ours: another engine may have seen the same
 * death, and go on with the same processes.
 *
 * @param isHere - whether its processes are on this machine; elsewhere they are dead with their engine
 */
export async function takeOver(ports: TakeoverPorts, held: HeldAttempt, isHere: boolean): Promise<void> {
  const { store, custody } = ports;
  const { claim } = held;
  if (claim.task.phase === "cancelling") return end(ports, claim, { type: "cancelled" }, isHere);
  if (!isHere) return end(ports, claim, { type: "lost", reason: "its engine has not been heard of" }, false);
  if (ports.heritageOf(claim) === "lost")
    return end(ports, claim, { type: "lost", reason: "its engine died" }, true);

  const adoption = await store.adopt(claim, custody.self);
  if (!adoption.ok) return;
  if (ports.heritageOf(adoption.claim) === "goes-on") ports.onAdopted(adoption.claim);
  else await end(ports, adoption.claim, { type: "interrupted", reason: "its engine died" }, true);
}

async function end(
  { store, custody, onEnded }: TakeoverPorts,
  claim: Claim,
  outcome: Outcome,
  isHere: boolean,
): Promise<void> {
  if (isHere) await custody.reap(markOf(claim));
  const settlement = await store.settle(claim, outcome);
  if (settlement.ok) onEnded(settlement.ended);
}
