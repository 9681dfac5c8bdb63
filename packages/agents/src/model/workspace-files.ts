/** Paths that a model names, kept inside its workspace. */
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** A use of a tool that is not done; its message is for the model. @internal */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** Git runs what stands in its folder, and ours holds the state of runs: nobody writes there by a tool. */
const guarded = [".git", ".mai"];

/**
 * The real path of a file or folder that need not exist. Throws a `Refusal`
 * where it lies outside the workspace, be it by `..`, by an absolute path, or
 * by a link at any place on the way.
 *
 * @internal
 */
export async function placeInside(workspace: string, path: string): Promise<string> {
  if (path.includes("\0")) throw new Refusal("a path has no NUL in it");
  const root = await realpath(workspace);
  const wanted = resolve(root, isAbsolute(path) ? relative(resolve(workspace), path) : path);
  refuseOutside(root, wanted, path);
  let real = root;
  const parts = relative(root, wanted).split(sep).filter(Boolean);
  for (const [index, part] of parts.entries()) {
    const next = join(real, part);
    const found = await lstat(next).catch(() => null);
    // From here on nothing exists, so nothing can lead anywhere else.
    if (found === null) return join(next, ...parts.slice(index + 1));
    real = found.isSymbolicLink() ? await targetOf(next, path) : next;
    refuseOutside(root, real, path);
  }
  return real;
}

async function targetOf(link: string, path: string): Promise<string> {
  try {
    return await realpath(link);
  } catch {
    throw new Refusal(`${path} is a link that leads nowhere`);
  }
}

function refuseOutside(root: string, place: string, path: string): void {
  if (place !== root && !place.startsWith(root === sep ? root : root + sep))
    throw new Refusal(`${path} is outside the workspace`);
}

/** Where a file may be written. @internal */
export async function placeToWrite(workspace: string, path: string): Promise<string> {
  const place = await placeInside(workspace, path);
  const parts = relative(await realpath(workspace), place).split(sep);
  const guard = parts.find((part) => guarded.includes(part.toLowerCase()));
  if (guard !== undefined) throw new Refusal(`nothing is written in ${guard}`);
  return place;
}

/** Opens a regular file; links in the last place are refused, for one may have been put there meanwhile. @internal */
export async function openRegular(place: string, path: string): Promise<FileHandle> {
  const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw new Refusal(error.code === "ENOENT" ? `${path} does not exist` : `${path} cannot be read`);
    },
  );
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new Refusal(`${path} is no file`);
}

/** Writes a whole file, with the folders above it. @internal */
export async function writeWhole(place: string, path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(place), { recursive: true });
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(place, flags, 0o666);
    try {
      if (!(await file.stat()).isFile()) throw new Refusal(`${path} is no file`);
      await file.truncate(0);
      await file.write(text, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? "error"})`);
  }
}
