/** The store of mai-orchestration-framework for several machines: Postgres, with pg-boss holding the leases. */
import type { Clock } from "mai-orchestration-engine";
import { readAddress } from "./address.ts";
import { type PostgresStore, postgresStore } from "./store.ts";

export { isPostgresUrl } from "./address.ts";
export type { AgentCap } from "./agents.ts";
export type { PostgresStore } from "./store.ts";
export type { SeenWorker, WorkerLabel } from "./workers.ts";

/** How a store in Postgres is opened. @public */
export interface OpenOptions {
  /** `postgres://[user[:password]@][host[:port]][/database][?schema=NAME&sslmode=...]`; the PG* variables say the rest. */
  readonly url: string;
  /** For timers, and to tell times of claims as this machine would. What is stored has its times from the server. */
  readonly clock: Clock;
  /** Refuse, with `store.not-found`, a namespace that has no store. @defaultValue false: it is made */
  readonly mustExist?: boolean;
  /** Milliseconds without renewal after which an attempt is taken from its worker. @defaultValue 10_000 */
  readonly leaseMs?: number;
  /** Connections to the server at most, the one that listens not counted. @defaultValue 4 */
  readonly connections?: number;
  /** Milliseconds that one statement may take. @defaultValue 30_000 */
  readonly statementMs?: number;
  /** Milliseconds for which a server that is away or full is waited for before callers are told. @defaultValue 60_000 */
  readonly patienceMs?: number;
  /** Where stored times come from; `clock` is for tests that move it. @defaultValue "server" */
  readonly time?: "server" | "clock";
}

/**
 * Opens the store in the namespace that the URL names. Nothing is asked of the server before the first call: that one
 * rejects `store.not-found`, `store.newer-version`, `store.busy` when the server cannot be reached, or `store.failed`.
 * Throws `store.invalid-option` for a URL that is none.
 *
 * @public
 */
export function openPostgresStore(options: OpenOptions): PostgresStore {
  const { url, clock, mustExist = false, leaseMs = 10_000, connections = 4 } = options;
  const { statementMs = 30_000, patienceMs = 60_000, time = "server" } = options;
  const address = readAddress(url);
  const ownTime = time === "clock";
  return postgresStore({
    address,
    clock,
    mustExist,
    ownTime,
    leaseMs,
    connections,
    statementMs,
    patienceMs,
  });
}
