/** The folder beside a store for small files that are no part of it: what sessions were told, which key means which run. */
import { basename, dirname, join } from "node:path";

/** @internal */
export function notesFolder(storePath: string): string {
  const folder = dirname(storePath);
  return basename(folder) === ".mai" ? join(folder, "state") : join(folder, ".mai", "state");
}
