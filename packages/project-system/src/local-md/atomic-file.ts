/** Files that are replaced whole: whoever reads one sees the old or the new content, and a crash leaves one of them. */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** A file as it was found. @internal */
export interface FoundFile {
  /** Where the bytes are: what a link leads to. */
  readonly path: string;
  readonly bytes: Buffer;
  /** Absent when there is no file yet. */
  readonly owner?: { readonly mode: number; readonly uid: number; readonly gid: number };
}

/** Empty when there is no file. Throws what the file system says otherwise. @internal */
export function findFile(path: string): FoundFile {
  const target = followLinks(resolve(path));
  let file: number;
  try {
    file = openSync(target, "r");
  } catch (error) {
    if (isMissing(error)) return { path: target, bytes: Buffer.alloc(0) };
    throw error;
  }
  try {
    const { mode, uid, gid } = fstatSync(file);
    return { path: target, bytes: readFileSync(file), owner: { mode: mode & 0o7777, uid, gid } };
  } finally {
    closeSync(file);
  }
}

/** Whether the file still is what was found. @internal */
export function isUnchanged({ path, bytes, owner }: FoundFile): boolean {
  if (!existsSync(path)) return owner === undefined;
  return owner !== undefined && readFileSync(path).equals(bytes);
}

/**
 * Writes a file beside `found`, and puts it in its place once it is on the
 * disk. Mode and owner stay. `isStillGood` is asked at the last moment: if it
 * says no, nothing has changed.
 *
 * @internal
 */
export function replaceFile(found: FoundFile, content: Buffer, isStillGood: () => boolean): boolean {
  const folder = dirname(found.path);
  const temporary = join(folder, `.${basename(found.path)}.${randomUUID()}.tmp`);
  try {
    const file = openSync(temporary, "wx", found.owner?.mode ?? 0o644);
    try {
      if (found.owner !== undefined) keepOwner(file, found.owner);
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (!isStillGood()) return false;
    renameSync(temporary, found.path);
    syncFolder(folder);
    return true;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** The same for a file of ours: it and its folder are made if they are missing. @internal */
export function writeOwnFile(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  replaceFile({ path, bytes: Buffer.alloc(0) }, Buffer.from(content), () => true);
}

/** @internal */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function keepOwner(file: number, { mode, uid, gid }: NonNullable<FoundFile["owner"]>): void {
  const own = fstatSync(file);
  if (own.uid !== uid || own.gid !== gid) fchownSync(file, uid, gid);
  fchmodSync(file, mode);
}

/** Unlike `realpath` also through a link that leads to no file yet. */
function followLinks(path: string): string {
  let at = path;
  for (let hops = 0; hops < 40; hops++) {
    try {
      at = resolve(dirname(at), readlinkSync(at));
    } catch {
      return at;
    }
  }
  throw new Error(`${path} is a link that leads in a circle`);
}

function syncFolder(folder: string): void {
  if (!statSync(folder).isDirectory()) return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
