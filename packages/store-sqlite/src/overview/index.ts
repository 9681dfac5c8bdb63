/**
 * One look at a store's file, for those who want to know where everything stands and are in a hurry, such as a hook of a
 * session. All of it is of one moment, and its time does not grow with the number of tasks that are told of.
 */
import { openDatabase, storeError } from "../database.ts";
import { look } from "./look.ts";
import type { Overview, OverviewQuery } from "./overview-shape.ts";

export * from "./overview-shape.ts";

/**
 * Looks at the store in `path`. Throws `store.not-found`, `store.not-ours`,
 * `store.newer-version`, `store.busy` or `store.failed`.
 *
 * @public
 */
export function overviewOfStore(path: string, query: OverviewQuery): Overview {
  const db = openDatabase({ path, mustExist: true });
  try {
    // One snapshot for all statements: what is committed meanwhile belongs to the next look.
    db.exec("BEGIN");
    return look(db, query);
  } catch (error) {
    throw storeError(error, path);
  } finally {
    db.close();
  }
}
