/** Who drives a run at the moment, as far as this machine can tell. */
import { createCustody } from "mai-orchestration-agents";
import type { Custody, HeldAttempt, Store } from "mai-orchestration-engine";

/** @internal */
export type Driver =
  | { readonly state: "alive"; readonly pid: number }
  /** Attempts are held by processes that are proven dead. */
  | { readonly state: "dead"; readonly held: readonly HeldAttempt[]; readonly custody: Custody }
  /** Nobody drives it, and nothing of it is left. */
  | { readonly state: "unseen" };

/** A driver may hold no attempt: while all tasks wait for a retry, or the checks are repeated at the end. @internal */
export async function driverOf(store: Store, runId: string): Promise<Driver> {
  const held = await store.held(runId);
  const drivers = [...held.map(({ worker }) => worker), ...(await store.drivers(runId))];
  if (drivers.length === 0) return { state: "unseen" };
  const custody = createCustody();
  const living = drivers.find((worker) => !custody.isDead(worker));
  if (living !== undefined) return { state: "alive", pid: living.pid };
  return held.length === 0 ? { state: "unseen" } : { state: "dead", held, custody };
}
