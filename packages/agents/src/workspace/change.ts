/** What lies between two commits, as data. */
import { type FileChange, readDiff } from "mai-orchestration-core/integrity";
import { errorOf } from "./git.ts";
import type { Repository } from "./repository.ts";

/** A larger change is not looked through to its end. */
const mostCharacters = 32 * 1024 * 1024;

/** @internal */
export interface Change {
  readonly files: readonly FileChange[];
  readonly insertions: number;
  readonly deletions: number;
  /** Whether it was too large to be looked through. */
  readonly isCut: boolean;
}

/** @internal */
export async function changeBetween(repository: Repository, from: string, to: string): Promise<Change> {
  const format = [
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--submodule=short",
    "-U0",
    "-M",
    "--full-index",
  ];
  const prefixes = ["--src-prefix=a/", "--dst-prefix=b/"];
  const quoted = ["-c", "core.quotePath=false"];
  const end = await repository.run([...quoted, "diff", ...format, ...prefixes, from, to, "--"]);
  if (!end.ok) throw new Error(`git cannot compare what was left with the base: ${errorOf(end)}`);
  const files = readDiff(end.out.slice(0, mostCharacters));
  return {
    files,
    insertions: files.reduce((sum, file) => sum + file.added.length, 0),
    deletions: files.reduce((sum, file) => sum + file.removed.length, 0),
    isCut: end.out.length > mostCharacters,
  };
}
