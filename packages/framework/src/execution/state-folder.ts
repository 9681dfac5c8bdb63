/** The folder `.mai` of a root: the store, logs, and a `.gitignore` of its own. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock, Store } from "mai-orchestration-engine";
import { type Durability, openSqliteStore } from "mai-orchestration-sqlite";

/** @internal */
export const stateFolderName = ".mai";

/** Where the store of a root lies unless somebody says otherwise. @internal */
export function defaultStorePath(root: string): string {
  return join(root, stateFolderName, "mai.db");
}

/** Makes the folder, if it is a `.mai`, with a `.gitignore` that keeps all of it out of git. @internal */
export function prepareStateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const ignore = join(folder, ".gitignore");
  if (folder.endsWith(stateFolderName) && !existsSync(ignore)) writeFileSync(ignore, "*\n");
}

/** Opens the store in `path`. Throws a `MaiError` with a `store.` code. @internal */
export function openStore(
  path: string,
  clock: Clock,
  options: { readonly mustExist?: boolean; readonly durability?: Durability } = {},
): Store {
  const store = openSqliteStore({ path, clock, ...options });
  if (options.mustExist !== true) prepareStateFolder(dirname(path));
  return store;
}
