/** Whether a package is installed where it would be loaded from. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * The folder of a package; `null` when it is not installed.
 *
 * @param root - a project whose packages count where ours do not have it; `null` for ours only
 * @public
 */
export function findPackage(name: string, root: string | null): string | null {
  const starts = root === null ? [import.meta.dirname] : [import.meta.dirname, resolve(root)];
  for (const start of starts) {
    for (let folder = start; ; folder = dirname(folder)) {
      const found = join(folder, "node_modules", name);
      if (existsSync(join(found, "package.json"))) return found;
      if (dirname(folder) === folder) break;
    }
  }
  return null;
}
