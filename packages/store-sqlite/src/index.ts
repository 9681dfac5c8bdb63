/** The embedded store of mai-orchestration-framework: one SQLite file, shared by processes. */
import type { Clock, Store } from "mai-orchestration-engine";
import { embeddedStore } from "mai-orchestration-engine/store";
import { type OpenOptions, openDatabase } from "./database.ts";
import { SqliteTable } from "./sqlite-table.ts";

export { type Durability, durabilities, type OpenOptions } from "./database.ts";
export { inspectSqliteStore } from "./inspect-file.ts";

/**
 * Opens the store in `path`, making file and folder when they are missing.
 *
 * Throws `store.not-ours`, `store.newer-version`, `store.not-found` (with
 * `mustExist`), `store.invalid-option`, `store.busy` or `store.failed`.
 *
 * @public
 */
export function openSqliteStore(options: OpenOptions & { readonly clock: Clock }): Store {
  const { path, clock, busyLimitMs } = options;
  return embeddedStore(new SqliteTable(openDatabase(options), path), clock, busyLimitMs);
}
