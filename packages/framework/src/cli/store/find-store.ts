/** Which store a verb means, and opening it. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { MaiError } from "mai-orchestration-core/errors";
import type { Store } from "mai-orchestration-engine";
import { hasPassword, isPostgresUrl } from "../../store/shared-store.ts";
import type { Words } from "../command.ts";
import type { CommandIo } from "../io.ts";

/** Where a run's store is when nobody says otherwise, relative to its root. @internal */
const defaultStore: string = join(".mai", "mai.db");

const configNames = ["mai.config.yaml", "mai.config.yml", "mai.config.json"];

/** Opens the store that `--store` names, else the one that holds here; runs `work` on it and lets go of it. @internal */
export async function withStore<T>(
  words: Words,
  io: CommandIo,
  work: (store: Store, path: string) => Promise<T>,
): Promise<T> {
  const path = await findStore(words, io);
  const store = await openStore(path, true);
  try {
    return await work(store, path);
  } finally {
    await store.close();
  }
}

/** @internal */
export async function openStore(path: string, mustExist: boolean): Promise<Store> {
  if (isPostgresUrl(path)) {
    const { openPostgres } = await import("../../store/open-place.ts");
    // A person waits for the answer: a server that is away is soon said to be.
    return openPostgres(path, { mustExist, patienceMs: 5_000 });
  }
  // Only here: who looks for a store may not need all that a store is made of.
  const { systemClock } = await import("mai-orchestration-engine/store");
  const { openSqliteStore } = await import("mai-orchestration-sqlite");
  return openSqliteStore({ path, mustExist, clock: systemClock });
}

/** What `--store` or, without it, MAI_STORE names: a path, absolute, or a URL; `undefined` when neither does. @internal */
export function storePathOf(words: Words, { cwd, env }: Pick<CommandIo, "cwd" | "env">): string | undefined {
  const given = words.value("store");
  if (given !== undefined && hasPassword(given)) {
    throw new MaiError("cli.usage", "A password in --store could be read by everybody on this machine", {
      hint: "Say it with PGPASSWORD, or name the whole store with MAI_STORE.",
    });
  }
  const value = given ?? (env["MAI_STORE"] || undefined);
  if (value === undefined || isPostgresUrl(value)) return value;
  if (/^[a-z]+:\/\//i.test(value)) {
    throw new MaiError("cli.usage", `--store takes a file or postgres://..., not ${value}`, {
      hint: "Such as --store .mai/mai.db.",
    });
  }
  return resolve(cwd, value);
}

/** The nearest store from the current folder upwards, absolute. Rejects `store.not-found`. @internal */
export async function findStore(words: Words, io: Pick<CommandIo, "cwd" | "env">): Promise<string> {
  const named = storePathOf(words, io);
  if (named !== undefined) return named;
  const found = await storeFrom(io.cwd);
  if (found === null) throw notFound(io.cwd);
  return found;
}

/** The store that holds in a folder, absolute; `null` when there is none in it or above it. @internal */
export async function storeFrom(cwd: string): Promise<string | null> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const configured = await configuredStore(folder, cwd);
    if (configured !== null) return configured;
    const path = join(folder, defaultStore);
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) return null;
  }
}

/** The store that the folder's configuration names. Reads YAML only where the file says `store` at all, for that takes its time. */
async function configuredStore(folder: string, cwd: string): Promise<string | null> {
  const file = configNames.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (file === undefined || !/\bstore\b/.test(readFileSync(file, "utf8"))) return null;
  const { loadConfig } = await import("../../config/load-config.ts");
  return (await loadConfig(folder, cwd)).store;
}

function notFound(cwd: string): MaiError {
  return new MaiError("store.not-found", `There is no .mai/mai.db in ${cwd} or above it`, {
    hint: "`mai run PLAN` makes one; or name another with --store.",
  });
}
