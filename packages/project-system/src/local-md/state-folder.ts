/** The folder for state that is too large for a block. Its files are named by their content and never change. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { writeOwnFile } from "./atomic-file.ts";
import { digestOf } from "./block.ts";

/** @internal */
export function defaultStateFolder(localMdPath: string): string {
  return join(dirname(localMdPath), ".mai", "state");
}

/** Keeps `content` and gives its path. The same content has the same name, so that nothing is overwritten. @internal */
export function keepInFolder(
  folder: string,
  name: string,
  extension: "json" | "md",
  content: string | Buffer,
): string {
  const path = join(folder, `${name}-${digestOf(content)}.${extension}`);
  if (readKept(folder, path) !== undefined) return path;
  prepare(folder);
  writeOwnFile(path, content);
  return path;
}

/** How the block calls a file: relative to the folder of CLAUDE.local.md, where an agent works. @internal */
export function nameFor(localMdPath: string, path: string): string {
  return relative(dirname(localMdPath), path);
}

/** The content of a kept file; `undefined` if it is gone or is not what its name says. @internal */
export function readKept(folder: string, name: string): string | undefined {
  try {
    const content = readFileSync(join(folder, basename(name)), "utf8");
    return basename(name).includes(`-${digestOf(content)}.`) ? content : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what an earlier block named and no block names any more. Failing to is no harm. @internal */
export function dropKept(folder: string, names: readonly string[]): void {
  for (const name of names) {
    try {
      rmSync(join(folder, basename(name)), { force: true });
    } catch {
      // An old file more in a folder of ours.
    }
  }
}

/** All of `.mai` stays out of git. */
function prepare(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const owner = dirname(folder);
  const ignore = join(owner, ".gitignore");
  if (basename(owner) === ".mai" && !existsSync(ignore)) writeFileSync(ignore, "*\n");
}
