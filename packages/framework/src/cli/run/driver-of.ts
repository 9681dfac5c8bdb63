/** Who drives a run at the moment, as far as this machine can tell. */
import { createCustody } from "mai-orchestration-agents";
import type { Custody, HeldAttempt, Store } from "mai-orchestration-engine";

/** @internal */
export type Driver =
  | { readonly state: "alive"; readonly pid: number }
  /** Attempts are held by processes that are proven dead. */
  | { readonly state: "dead"; readonly held: readonly HeldAttempt[]; readonly custody: Custody }
  /** No attempt is held: nobody drives it, or all of its tasks wait. */
  | { readonly state: "unseen" };

/** @internal */
export async function driverOf(store: Store, runId: string): Promise<Driver> {
  const held = await store.held(runId);
  if (held.length === 0) return { state: "unseen" };
  const custody = createCustody();
  const living = held.find(({ worker }) => !custody.isDead(worker));
  if (living !== undefined) return { state: "alive", pid: living.worker.pid };
  return { state: "dead", held, custody };
}
