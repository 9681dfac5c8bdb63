/** Where a run lives. */
import { access } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Whether something of this path exists, of whatever kind. @internal */
export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** The folders from `start` upwards to the git top level, or to the file system's root outside git. @internal */
export async function foldersUpwards(
  start: string,
): Promise<{ readonly folders: readonly string[]; readonly inGit: boolean }> {
  const folders: string[] = [];
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    folders.push(folder);
    // A file in a linked work tree or submodule, a directory elsewhere.
    if (await exists(join(folder, ".git"))) return { folders, inGit: true };
    if (dirname(folder) === folder) return { folders, inGit: false };
  }
}

/** The root of a run whose plan stands in `folder`: the git top level, else the folder itself. Absolute. @public */
export async function findRoot(folder: string): Promise<string> {
  const { folders, inGit } = await foldersUpwards(folder);
  return (inGit ? folders.at(-1) : undefined) ?? resolve(folder);
}
