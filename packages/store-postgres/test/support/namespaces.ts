/** Namespaces for tests: made once, emptied after use and used again, for making one takes a second. */
import { randomBytes } from "node:crypto";
import pg from "pg";

const free: string[] = [];

/** A namespace that is empty, or not there yet. */
export function takeNamespace(): string {
  return free.pop() ?? `t_${randomBytes(6).toString("hex")}`;
}

/** Empties a namespace, as if nothing had ever been in it, and keeps it for the next test. */
export async function giveBack(url: string, schema: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where (schemaname = $1 and tablename not in ('meta', 'counters')) or (schemaname = $2 and tablename like 'job%')`,
    [schema, `${schema}_pgboss`],
  );
  if (rows.length > 0) {
    await client.query(`truncate ${rows.map(({ name }) => name).join(", ")} restart identity`);
    await client.query(`update ${schema}.counters set value = 0; alter sequence ${schema}.event_seq restart`);
  }
  await client.end();
  free.push(schema);
}

/** Removes a namespace for good. */
export async function dropNamespace(url: string, schema: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `drop schema if exists ${schema} cascade; drop schema if exists ${schema}_pgboss cascade`,
  );
  await client.end();
}

export function urlOf(url: string, schema: string): string {
  const named = new URL(url);
  named.searchParams.set("schema", schema);
  return named.href;
}
