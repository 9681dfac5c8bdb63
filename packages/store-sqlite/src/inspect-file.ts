/** Looking at a store's file without using it. */
import { openDatabase, storeError } from "./database.ts";

/**
 * What is wrong inside the file, as SQLite's own quick check tells it; empty
 * when nothing is. Also takes and drops the lock for writing. Throws as
 * `openSqliteStore` does when the file cannot be used at all.
 *
 * @public
 */
export function inspectSqliteStore(path: string): readonly string[] {
  const db = openDatabase({ path, mustExist: true });
  try {
    db.exec("PRAGMA busy_timeout = 10000");
    db.exec("BEGIN IMMEDIATE");
    db.exec("ROLLBACK");
    const rows = db.prepare("PRAGMA quick_check(10)").all();
    return rows.map((row) => String(row["quick_check"])).filter((line) => line !== "ok");
  } catch (error) {
    throw storeError(error, path);
  } finally {
    db.close();
  }
}
