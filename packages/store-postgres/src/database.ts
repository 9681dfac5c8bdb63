/** Connections to the server, and transactions on them. */
import pg from "pg";
import type { Address } from "./address.ts";
import { passes } from "./failures.ts";

/** One row as the driver gives it; `bigint` comes as a number. */
export type Row = Readonly<Record<string, unknown>>;

/** Something that runs statements. */
export interface Sql {
  query(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** A transaction under way. */
export interface Transaction extends Sql {
  /** Milliseconds by the server's clock when the transaction had its locks. */
  readonly now: number;
}

/** How a transaction is begun and ended. */
export interface TransactionOptions {
  /** Advisory locks to be held for its length, in the order in which everybody takes them. */
  readonly locks: readonly bigint[];
  /** Run together with the commit. */
  beforeCommit(): string;
}

/** Milliseconds for a new connection; longer means that nobody answers. */
const connectMs = 5_000;

/** Milliseconds after which the server gives up a transaction whose owner was cut off, and with it the locks it has. */
const abandonedMs = 5_000;

export class Database implements Sql {
  readonly #pool: pg.Pool;
  readonly #config: pg.PoolConfig;

  constructor(address: Address, connections: number, statementMs: number) {
    this.#config = {
      ...address.connection,
      types,
      connectionTimeoutMillis: connectMs,
      query_timeout: statementMs,
      idle_in_transaction_session_timeout: abandonedMs,
      keepAlive: true,
      application_name: "mai",
    };
    this.#pool = new pg.Pool({ ...this.#config, max: connections, allowExitOnIdle: true });
    // A connection that breaks while nobody uses it is taken out of the pool; that is all there is to do.
    this.#pool.on("error", () => undefined);
  }

  async query(text: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    return rowsOf(await this.#pool.query(text, values as unknown[]));
  }

  /** A connection of its own, for listening. It must be ended by the caller. */
  client(): pg.Client {
    const client = new pg.Client({ ...this.#config, query_timeout: connectMs });
    client.on("error", () => undefined);
    return client;
  }

  /**
   * Runs `work` in a transaction. When the connection breaks around the commit, asks the server what became of it: what
   * was committed resolves, what was not rejects with the error that broke it.
   */
  async transact<T>(options: TransactionOptions, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on("error", onError);
    let committing: string | null = null;
    try {
      const { xid, now } = await begin(client, options.locks);
      const sql = async (text: string, values?: readonly unknown[]): Promise<readonly Row[]> =>
        rowsOf(await client.query(text, values as unknown[]));
      const answer = await work({ now, query: sql });
      const last = options.beforeCommit();
      committing = xid;
      await client.query(`${last}commit`);
      committing = null;
      return await answer;
    } catch (error) {
      if (committing === null || !passes(error)) {
        if (!passes(error)) await client.query("rollback").catch(noteBroken);
        else broken ??= error as Error;
        throw error;
      }
      broken ??= error as Error;
      throw new Unsure(committing, error);
    } finally {
      client.off("error", onError);
      client.release(broken);
    }

    function noteBroken(error: Error): void {
      broken = error;
    }
  }

  /** Whether a transaction whose commit was not answered is durable. Rejects while the server cannot be asked. */
  async wasCommitted(xid: string): Promise<boolean> {
    for (;;) {
      const [row] = await this.query("select pg_xact_status($1::xid8) as status", [xid]);
      if (row?.["status"] !== "in progress") return row?.["status"] === "committed";
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** The connection broke while the commit was on its way. */
export class Unsure extends Error {
  override readonly name = "Unsure";
  readonly xid: string;

  constructor(xid: string, cause: unknown) {
    super("The answer to a commit was lost", { cause });
    this.xid = xid;
  }
}

/**
 * The number of the transaction is taken at once: readers of the journal rely on every writer having one before it
 * takes numbers of entries.
 */
async function begin(client: pg.PoolClient, locks: readonly bigint[]): Promise<{ xid: string; now: number }> {
  const taken = locks.map((key) => `select pg_advisory_xact_lock(${key});`).join("");
  const text = `begin;${taken}select pg_current_xact_id()::text as xid,
    floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now`;
  const results = (await client.query(text)) as unknown as pg.QueryResult[];
  const row = results.at(-1)?.rows[0] as { xid: string; now: number };
  return row;
}

function rowsOf(result: unknown): readonly Row[] {
  const one = Array.isArray(result) ? result.at(-1) : result;
  return (one as pg.QueryResult<Record<string, unknown>>).rows;
}

const int8 = 20;

/** Numbers of rows and entries, and times, stay far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: "text") =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};
