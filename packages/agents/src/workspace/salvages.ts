/** What was salvaged: finding it, and giving it back without touching anybody's files. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { MaiError } from "mai-orchestration-core";
import { errorOf, type Git } from "./git.ts";
import { salvagePrefix } from "./names.ts";
import { findRepository, type Repository } from "./repository.ts";
import { isThere } from "./worktree.ts";

/** Work that does not count and was kept all the same. @public */
export interface Salvaged {
  /** The whole ref. */
  readonly ref: string;
  /** How a person names it: `RUN/TASK/ATTEMPT`. */
  readonly name: string;
  readonly commit: string;
  /** Unix milliseconds at which it was salvaged. */
  readonly at: number;
  /** The first line of its message: the task and what it was to do. */
  readonly subject: string;
}

/** The salvaged work of a root's repository, the newest first; none where there is no repository. @public */
export async function listSalvages(git: Git, root: string): Promise<readonly Salvaged[]> {
  const repository = await findRepository(git, root, false);
  if (repository === null) return [];
  const format = "--format=%(refname)%00%(objectname)%00%(committerdate:unix)%00%(subject)";
  const listed = await repository.run([
    "for-each-ref",
    "--sort=-committerdate",
    format,
    `${salvagePrefix()}/`,
  ]);
  return listed.out.split("\n").flatMap((line) => {
    const [ref, commit, seconds, subject] = line.split("\0");
    if (ref === undefined || commit === undefined || subject === undefined) return [];
    const name = ref.slice(salvagePrefix().length + 1);
    return [{ ref, name, commit, at: Number(seconds) * 1_000, subject }];
  });
}

/** The patch from what the work stood on to what was salvaged. Rejects `workspace.salvage-not-found`. @public */
export async function patchOfSalvage(git: Git, root: string, salvaged: Salvaged): Promise<string> {
  const repository = await repositoryOf(git, root);
  const message = await repository.run(["log", "-1", "--format=%P", salvaged.commit]);
  const [parent] = message.out.trim().split(" ");
  const from = parent === undefined || parent === "" ? [] : [parent];
  const shown = await repository.run([
    "diff",
    "--binary",
    "--no-color",
    "--no-ext-diff",
    ...from,
    salvaged.commit,
  ]);
  if (!shown.ok) throw notFound(errorOf(shown));
  return shown.out;
}

/**
 * Puts salvaged work on a new branch, or into a new folder as a work tree.
 * Rejects `workspace.unusable` for a branch or folder that is there already.
 *
 * @public
 */
export async function restoreSalvage(
  git: Git,
  root: string,
  salvaged: Salvaged,
  target: { readonly branch: string; readonly folder: string | null },
): Promise<void> {
  const repository = await repositoryOf(git, root);
  const { branch, folder } = target;
  if (folder !== null && (await isThere(folder)))
    throw new MaiError("workspace.unusable", `${folder} is there already`, {
      hint: "Name a folder that is not there yet.",
    });
  if (folder !== null) await mkdir(dirname(folder), { recursive: true });
  const made =
    folder === null
      ? await repository.run(["branch", "--no-track", branch, salvaged.commit])
      : await repository.run(["worktree", "add", "-q", "--no-track", "-b", branch, folder, salvaged.commit]);
  if (made.ok) return;
  throw new MaiError("workspace.unusable", errorOf(made), { hint: "Name another branch with --branch." });
}

async function repositoryOf(git: Git, root: string): Promise<Repository> {
  const repository = await findRepository(git, root, false);
  if (repository === null) throw notFound(`${root} has no repository`);
  return repository;
}

function notFound(message: string): MaiError {
  return new MaiError("workspace.salvage-not-found", message, {
    hint: "`mai salvage list` shows what there is.",
  });
}
