/** What a model can do with the files of its workspace. Each gives a text for the model, or throws a `Refusal`. */
import { opendir, readdir, realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import { headOf } from "../text.ts";
import { openRegular, placeInside, placeToWrite, Refusal, writeWhole } from "./workspace-files.ts";

const longestRead = 256 * 1024;
const longestSearched = 1024 * 1024;
const mostEntries = 500;
const mostHits = 200;
const mostFiles = 20_000;
const passedOver = new Set([".git", ".mai", "node_modules"]);

/** Lines of a file from `from` (counted from 1), with their numbers. @internal */
export async function readFileText(workspace: string, path: string, from = 1): Promise<string> {
  const lines = (await textOf(await placeInside(workspace, path), path, 64 * 1024 * 1024)).split("\n");
  if (lines.at(-1) === "") lines.pop();
  const numbered = lines
    .slice(Math.max(0, from - 1))
    .map((line, index) => `${index + Math.max(1, from)}\t${line}`);
  const all = numbered.join("\n");
  const head = headOf(all, longestRead);
  if (head.length === all.length) return all === "" ? "(nothing there)" : all;
  const shown = head.split("\n").length;
  return `${head}\n(cut off; go on from line ${Math.max(1, from) + Math.max(1, shown - 1)})`;
}

async function textOf(place: string, path: string, longest: number): Promise<string> {
  const file = await openRegular(place, path);
  try {
    const { size } = await file.stat();
    if (size > longest) throw new Refusal(`${path} is too large: ${size} bytes`);
    const bytes = await file.readFile();
    if (bytes.includes(0)) throw new Refusal(`${path} is no text`);
    return bytes.toString("utf8");
  } finally {
    await file.close();
  }
}

/** The entries of a folder, folders with a `/` at the end. @internal */
export async function listFolder(workspace: string, path: string): Promise<string> {
  const entries = await readdir(await placeInside(workspace, path), { withFileTypes: true }).catch(() => {
    throw new Refusal(`${path} is no folder`);
  });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  const more = names.length > mostEntries ? `\n(and ${names.length - mostEntries} more)` : "";
  return names.slice(0, mostEntries).join("\n") + more || "(empty)";
}

/**
 * Lines that contain a text, as `file:line: text`. Plain text and no pattern: one of the model's making could keep
 * this process busy for ever.
 *
 * @internal
 */
export async function searchText(
  workspace: string,
  text: string,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  if (text === "") throw new Refusal("there is no text to look for");
  const root = await realpath(workspace);
  const hits: string[] = [];
  for await (const file of filesUnder(await placeInside(workspace, path), signal)) {
    const name = relative(root, file);
    const content = await textOf(file, name, longestSearched).catch(() => "");
    if (!content.includes(text)) continue;
    for (const [index, line] of content.split("\n").entries()) {
      if (line.includes(text)) hits.push(`${name}:${index + 1}: ${headOf(line, 300)}`);
      if (hits.length >= mostHits) return `${hits.join("\n")}\n(and perhaps more)`;
    }
  }
  return hits.join("\n") || "(not found)";
}

/** Links are not followed. */
async function* filesUnder(start: string, signal: AbortSignal): AsyncGenerator<string> {
  const folders = [start];
  let files = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await opendir(folder).catch(() => null);
    // A file in place of a folder is the one to look at.
    if (entries === null) yield folder;
    for await (const entry of entries ?? []) {
      signal.throwIfAborted();
      if (passedOver.has(entry.name)) continue;
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
      else if (entry.isFile()) yield join(folder, entry.name);
      if (++files > mostFiles) throw new Refusal("there are too many files: search in a folder");
    }
  }
}

/** Writes a whole file. Gives its path from the workspace. @internal */
export async function writeFileText(workspace: string, path: string, text: string): Promise<string> {
  const place = await placeToWrite(workspace, path);
  await writeWhole(place, path, text);
  return relative(await realpath(workspace), place);
}

/** Replaces the one place where `old` stands. Gives the file's path from the workspace. @internal */
export async function editFileText(
  workspace: string,
  path: string,
  old: string,
  text: string,
): Promise<string> {
  const place = await placeToWrite(workspace, path);
  const content = await textOf(place, path, 64 * 1024 * 1024);
  const at = old === "" ? -1 : content.indexOf(old);
  if (at === -1) throw new Refusal(`the text to replace is not in ${path}`);
  if (content.includes(old, at + 1))
    throw new Refusal(`the text to replace stands in ${path} more than once`);
  await writeWhole(place, path, content.slice(0, at) + text + content.slice(at + old.length));
  return relative(await realpath(workspace), place);
}
