/** Our state in CLAUDE.local.md: one block, and every other byte of the file is the user's. */
import { isMaiError, MaiError, messageOf } from "mai-orchestration-core/errors";
import { type FoundFile, findFile, isUnchanged, replaceFile } from "./atomic-file.ts";
import { blockChars, blockVersion, type Parts, putTogether, takeApart } from "./block.ts";
import {
  type BlockContent,
  cleanJson,
  cleanText,
  cutToFit,
  fits,
  readContent,
  renderContent,
} from "./block-text.ts";
import { defaultStateFolder, dropKept, keepInFolder, nameFor, readKept } from "./state-folder.ts";

/** What is to stand in the block; a part that is left out stays as it is. @public */
export interface StateBlockContent {
  /** Markdown. Without it the text that is there stays. */
  readonly text?: string;
  /** Gives a form of the text that has at most so many characters. Without it the first lines are taken. */
  readonly shorter?: (maxChars: number) => string;
  /** Plain JSON for a program to restore, such as `orchestrator.getState()`. Without it the data that is there stays; `null` removes it. */
  readonly data?: unknown;
}

/** Where the block may put what it has no room for. @public */
export interface StateBlockOptions {
  /** For what does not fit into the block. @defaultValue `.mai/state` beside the file */
  readonly stateFolder?: string;
}

/** What writing the block did to the file and beside it. @public */
export interface StateBlockWritten {
  /** False if the file held exactly this already. */
  readonly changed: boolean;
  /** Of the block, at most 4,000. */
  readonly characters: number;
  /** Files that the block names. */
  readonly files: readonly string[];
  /** A person had changed the block: here is what they made of it. */
  readonly keptAside?: string;
}

/** What the block says, or why it cannot be read. @public */
export type StateBlockRead =
  | {
      readonly ok: true;
      readonly text: string;
      readonly data?: unknown;
      /** Changed by somebody since it was written. */
      readonly edited: boolean;
    }
  | { readonly ok: false; readonly problem: string };

/** Each time somebody else was faster, so that the file did change. */
const maxTries = 50;

/**
 * Puts state into the block of the file at `path`, and the block at the end of
 * the file if it has none. Every byte outside stays as it is; the file is
 * replaced in one step, with its mode, also through a link. A block that a
 * person changed is first copied to the state folder.
 *
 * Throws, with nothing changed, `state.newer-version` for a block of a later
 * version, and `local-md.unwritable` for a file that is read-only, is no
 * UTF-8 text, or cannot be written.
 *
 * @public
 */
export function writeStateBlock(
  path: string,
  content: StateBlockContent,
  options: StateBlockOptions = {},
): StateBlockWritten {
  const folder = options.stateFolder ?? defaultStateFolder(path);
  return guarded(path, () => {
    for (let tries = 0; tries < maxTries; tries++) {
      const written = tryWrite(path, folder, content);
      if (written !== undefined) return written;
    }
    throw new Error("it was changed by somebody else again and again");
  });
}

/** What the block holds. Changes nothing and does not throw. @public */
export function readStateBlock(path: string, options: StateBlockOptions = {}): StateBlockRead {
  try {
    const { block } = takeApart(findFile(path).bytes);
    if (block === undefined) return { ok: false, problem: `${path} holds no state of mai` };
    if (block.version > blockVersion)
      return { ok: false, problem: newerVersion(path, block.version).message };
    const { text, data } = restore(options.stateFolder ?? defaultStateFolder(path), readContent(block.text));
    return { ok: true, text, edited: block.edited, ...(data !== undefined && { data }) };
  } catch (error) {
    return { ok: false, problem: `${path}: ${messageOf(error)}` };
  }
}

/**
 * Takes the block out of the file, and leaves the user's bytes. Answers
 * whether there was one. Throws as {@link writeStateBlock} does.
 *
 * @public
 */
export function removeStateBlock(path: string): boolean {
  return guarded(path, () => {
    for (let tries = 0; tries < maxTries; tries++) {
      const found = findFile(path);
      const { before, after, block } = takeApart(found.bytes);
      if (block === undefined) return false;
      refuseUnwritable(path, found, block.version);
      if (replaceFile(found, Buffer.concat([before, after]), () => isUnchanged(found))) return true;
    }
    throw new Error("it was changed by somebody else again and again");
  });
}

/** `undefined` if the file changed while it was written: then all is to be done again. */
function tryWrite(path: string, folder: string, content: StateBlockContent): StateBlockWritten | undefined {
  const found = findFile(path);
  const parts = takeApart(found.bytes);
  refuseUnwritable(path, found, parts.block?.version ?? blockVersion);
  const keptAside = keepEdited(folder, parts);
  const earlier = parts.block === undefined ? { text: "" } : readContent(parts.block.text);
  const whole = mergeContent(folder, earlier, content, keptAside && nameFor(path, keptAside));
  const next = compose(path, folder, whole);
  const rendered = renderContent(next);
  const bytes = putTogether(parts, rendered);
  const changed = found.owner === undefined || !bytes.equals(found.bytes);
  if (changed && !replaceFile(found, bytes, () => isUnchanged(found))) return undefined;
  const files = namesIn(next);
  // Somebody who wrote at the same time may have dropped a file that we found there.
  if (files.length > 0) compose(path, folder, whole);
  dropKept(
    folder,
    namesIn(earlier).filter((name) => !files.includes(name)),
  );
  return { changed, characters: blockChars(rendered), files, ...(keptAside !== undefined && { keptAside }) };
}

interface WholeContent {
  readonly text: string;
  readonly shorter?: (maxChars: number) => string;
  readonly data?: unknown;
}

function mergeContent(
  folder: string,
  earlier: BlockContent,
  content: StateBlockContent,
  keptAside: string | undefined,
): WholeContent {
  const restored =
    content.text === undefined || content.data === undefined ? restoreOrNone(folder, earlier) : undefined;
  const data = content.data === undefined ? restored?.data : content.data;
  const notice =
    keptAside === undefined
      ? ""
      : `\n\nThis block was changed by hand; what stood in it is in \`${keptAside}\`.`;
  const shorter = content.text === undefined ? undefined : content.shorter;
  return {
    text: cleanText(`${content.text ?? restored?.text ?? ""}${notice}`),
    ...(shorter !== undefined && {
      shorter: (maxChars: number) => `${shorter(maxChars - notice.length)}${notice}`,
    }),
    ...(data !== undefined && data !== null && { data }),
  };
}

/** All in the block if it fits, else the data in a file, else the text in one too. */
function compose(path: string, folder: string, { text, shorter, data }: WholeContent): BlockContent {
  const dataJson = data === undefined ? undefined : cleanJson(data);
  const whole: BlockContent = { text, ...(dataJson !== undefined && { dataJson }) };
  if (fits(whole)) return whole;
  const dataFile =
    dataJson === undefined ? undefined : nameFor(path, keepInFolder(folder, "state", "json", dataJson));
  const named: BlockContent = { text, ...(dataFile !== undefined && { dataFile }) };
  if (fits(named)) return named;
  const textFile = nameFor(path, keepInFolder(folder, "session", "md", text));
  const room = 4_000 - blockChars(renderContent({ ...named, text: "", textFile }));
  return cutToFit({ ...named, textFile, text: cleanText(shorter?.(room) ?? text) });
}

function restore(folder: string, content: BlockContent): { readonly text: string; readonly data?: unknown } {
  const text =
    content.textFile === undefined ? content.text : (readKept(folder, content.textFile) ?? content.text);
  const kept = content.dataFile === undefined ? content.dataJson : readKept(folder, content.dataFile);
  if (kept === undefined && content.dataFile !== undefined)
    throw new Error(`the state in ${content.dataFile} is gone or was changed`);
  return { text, ...(kept !== undefined && { data: JSON.parse(kept) as unknown }) };
}

/** Data that is broken does not stop new state from being saved. */
function restoreOrNone(
  folder: string,
  content: BlockContent,
): { readonly text: string; readonly data?: unknown } {
  try {
    return restore(folder, content);
  } catch {
    return { text: content.text };
  }
}

function keepEdited(folder: string, { block }: Parts): string | undefined {
  return block?.edited === true ? keepInFolder(folder, "edited", "md", block.bytes) : undefined;
}

function namesIn({ textFile, dataFile }: BlockContent): readonly string[] {
  return [textFile, dataFile].filter((name) => name !== undefined);
}

function refuseUnwritable(path: string, { bytes, owner }: FoundFile, version: number): void {
  if (version > blockVersion) throw newerVersion(path, version);
  if (owner !== undefined && (owner.mode & 0o222) === 0) throw new Error("it is read-only");
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) throw new Error("it is UTF-16, and only UTF-8 can hold the state");
}

function newerVersion(path: string, version: number): MaiError {
  return new MaiError(
    "state.newer-version",
    `${path} holds state of version ${version}; this mai knows ${blockVersion}`,
    {
      hint: "Update mai, or take the block between the marks `mai:state` out of the file.",
    },
  );
}

function guarded<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isMaiError(error)) throw error;
    throw new MaiError("local-md.unwritable", `${path} was not changed: ${messageOf(error)}`, {
      hint: "Make the file and the folder .mai beside it writable, or move it away.",
      cause: error,
    });
  }
}
