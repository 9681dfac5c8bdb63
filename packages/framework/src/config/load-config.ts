/** Finds and reads the configuration that holds for a folder. */
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Author } from "mai-orchestration-agents";
import { MaiError } from "mai-orchestration-core";
import type { Locate } from "mai-orchestration-core/plan";
import { readDocument } from "../plan/document.ts";
import { problemError } from "../plan/problem-error.ts";
import { readText } from "../plan/read-text.ts";
import { isPostgresUrl } from "../store/shared-store.ts";
import { type AgentSetting, layOver } from "./agent-setting.ts";
import { exists, foldersUpwards } from "./find-root.ts";
import { importConfig } from "./import-config.ts";
import { readConfig } from "./read-config.ts";

/** The settings of a project. @public */
export interface Config {
  /** Absolute; `null` when no file was found and the defaults hold. */
  readonly file: string | null;
  /** The three defaults, changed as the file says, then its own. */
  readonly agents: readonly AgentSetting[];
  /** The store's file, absolute, or its URL; `null` when the file does not say. */
  readonly store: string | null;
  readonly parallel: number | null;
  /** Milliseconds that others have to take over when a `mai` was killed; `null` for no guard, `undefined` for the default. */
  readonly guardAfterMs: number | null | undefined;
  /** Who is named in commits of the engine; `null` when the file does not say. */
  readonly author: Author | null;
}

const programNames: readonly string[] = ["mai.config.ts", "mai.config.mjs", "mai.config.js"];

/** In one folder only one of these may stand. @public */
export const configNames: readonly string[] = [
  ...["mai.config.yaml", "mai.config.yml", "mai.config.json"],
  ...programNames,
];

/**
 * The configuration beside `startFolder` or above it, up to the git top level.
 * Rejects with a `MaiError` `config.invalid` that lists every mistake as
 * `file:line:column: what`; its `cause` is the list of problems. A configuration
 * that is a program (`mai.config.ts`, `.mjs`, `.js`) is run: its default export is
 * the same object, and may hold agents that were made there.
 *
 * @param cwd - the folder from which messages name files
 * @public
 */
export async function loadConfig(startFolder: string, cwd: string = process.cwd()): Promise<Config> {
  const { folders } = await foldersUpwards(startFolder);
  for (const folder of folders) {
    const file = await configIn(folder, cwd);
    if (file !== undefined) return await configFrom(file, cwd);
  }
  return {
    file: null,
    agents: layOver([]),
    store: null,
    parallel: null,
    guardAfterMs: undefined,
    author: null,
  };
}

async function configIn(folder: string, cwd: string): Promise<string | undefined> {
  const found: string[] = [];
  for (const name of configNames) {
    if (await exists(join(folder, name))) found.push(name);
  }
  const [first, second] = found;
  if (first !== undefined && second !== undefined) {
    throw new MaiError(
      "config.invalid",
      `${nameOf(folder, cwd)}: ${first} and ${second} stand side by side`,
      {
        hint: "Keep one of them.",
      },
    );
  }
  return first === undefined ? undefined : join(folder, first);
}

async function configFrom(file: string, cwd: string): Promise<Config> {
  const source = nameOf(file, cwd);
  const isProgram = programNames.includes(basename(file));
  const { data, locate } = isProgram
    ? { data: await importConfig(file, source), locate: undefined }
    : await readConfigFile(file, source);
  const written = readConfig(data, locate);
  if (!written.ok) throw problemError(written.problems, source);
  const { agents, store, parallel, guardAfterMs, author } = written.config;
  return {
    file,
    agents,
    store: store === null || isPostgresUrl(store) ? store : resolve(dirname(file), store),
    parallel,
    guardAfterMs,
    author,
  };
}

async function readConfigFile(file: string, source: string): Promise<{ data: unknown; locate: Locate }> {
  const reading = await readText(file);
  if (!reading.ok) {
    throw new MaiError("config.invalid", `${source}: the configuration ${reading.message}`, {
      hint: reading.hint,
    });
  }
  const document = readDocument(reading.text);
  if (document.ok) return document;
  throw problemError(
    document.problems.map((problem) => ({ ...problem, code: "config.invalid", path: [], taskId: null })),
    source,
  );
}

/** As a person in the folder `cwd` would write it, unless that is longer. */
function nameOf(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near !== "" && near.length < path.length ? near : path;
}
