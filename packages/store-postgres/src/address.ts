/** Where a store in Postgres is: read from its URL and the usual PG* variables, and named without secrets. */
import { MaiError } from "mai-orchestration-core";
import type { PoolConfig } from "pg";

/** An address taken apart. */
export interface Address {
  /** What a connection is made with. */
  readonly connection: PoolConfig;
  /** The namespace: everything of ours stands in this schema, and what is pg-boss's in `<schema>_pgboss`. */
  readonly schema: string;
  /** How a person names the store: without user name, password and options of the connection. */
  readonly name: string;
}

const defaultSchema = "mai";

/**
 * Reads `postgres://[user[:password]@][host[:port]][/database][?schema=NAME&sslmode=...]`. What is left out comes from
 * PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGSSLMODE. Throws `store.invalid-option`.
 */
export function readAddress(url: string): Address {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new MaiError("store.invalid-option", "A store in Postgres is named postgres://HOST/DATABASE", {
      hint: "Parts that are left out come from PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD.",
    });
  }
  const schema = parsed.searchParams.get("schema") ?? defaultSchema;
  if (!/^[a-z_][a-z0-9_]{0,39}$/.test(schema)) {
    throw new MaiError("store.invalid-option", `${JSON.stringify(schema)} is no name for a namespace`, {
      hint: "Up to 40 small letters, digits and underscores: ?schema=team_a.",
    });
  }
  parsed.searchParams.delete("schema");
  const host = parsed.host === "" ? "" : parsed.host;
  const name = `postgres://${host}${parsed.pathname}${schema === defaultSchema ? "" : `?schema=${schema}`}`;
  // Without a host and a database, the variables hold; a bare URL would mean others.
  const isBare = parsed.host === "" && (parsed.pathname === "" || parsed.pathname === "/");
  return { connection: isBare ? {} : { connectionString: parsed.href }, schema, name };
}

/** Whether a text names a store in Postgres. @public */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//i.test(text);
}
