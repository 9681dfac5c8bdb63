/** Opening the file: what it must be, how durable a commit is, and what SQLite's errors mean to people. */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { isMaiError, MaiError, messageOf } from "mai-orchestration-core";
import { applicationId, migrations } from "./migrations.ts";

/** How much a commit survives: `full` a power cut, `normal` only the death of processes. @public */
export type Durability = "full" | "normal";

/** What `durability` may be, the safest first. @public */
export const durabilities: readonly Durability[] = ["full", "normal"];

/** Which file to open as a store, and how. @public */
export interface OpenOptions {
  /** The file; its folder is made when it is missing. */
  readonly path: string;
  /** @defaultValue "full" */
  readonly durability?: Durability;
  /** Whether a missing file is an error (`store.not-found`) instead of being made. @defaultValue false */
  readonly mustExist?: boolean;
  /** Milliseconds that a call waits while another process holds the file before it rejects `store.busy`. @defaultValue 60_000 */
  readonly busyLimitMs?: number;
}

/** How long one statement waits for another process's lock before the call is queued again. */
const lockWaitMs = 20;
/** How long opening waits for it; opening is synchronous, so this holds up everything else. */
const openWaitMs = 10_000;
const openPauseMs = 5;
/** SQLITE_BUSY, whatever its details. */
const busyCode = 5;
/** SQLITE_CORRUPT. */
const damagedCode = 11;
/** Less than this cannot hold the one page that every database begins with; SQLite would make a new one of it. */
const leastBytes = 512;

/** Opens the file and brings it to this version's shape. Throws a `MaiError` with a `store.` code. */
export function openDatabase(options: OpenOptions): DatabaseSync {
  const { path, durability = "full" } = options;
  if (!durabilities.includes(durability)) {
    throw new MaiError("store.invalid-option", `The store ${path} cannot have durability ${durability}`, {
      hint: `Known ones: ${durabilities.join(", ")}.`,
    });
  }
  if (options.mustExist === true && !existsSync(path)) {
    throw new MaiError("store.not-found", `There is no store at ${path}`, {
      hint: "`mai run PLAN` makes one; or name another with --store.",
    });
  }
  try {
    refuseDirectory(path);
    refuseStump(path);
    makeFolder(dirname(path));
    return prepareInTime(path, durability, Math.min(openWaitMs, options.busyLimitMs ?? openWaitMs));
  } catch (error) {
    throw storeError(error, path);
  }
}

/**
 * Processes that make a new file at once meet in its change to WAL, where SQLite says BUSY at once however long it was
 * told to wait: waiting with a lock in hand could be for ever. So everything is let go, and begun again.
 */
function prepareInTime(path: string, durability: Durability, waitMs: number): DatabaseSync {
  const until = performance.now() + waitMs;
  for (;;) {
    try {
      return prepare(path, durability, waitMs);
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error;
    }
    pauseSync(openPauseMs);
  }
}

function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code !== null && (code & 0xff) === busyCode;
}

/** Opening is synchronous, and so is its waiting. */
function pauseSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function refuseDirectory(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new MaiError("store.not-ours", `${path} is a folder, not a store`, {
    hint: "Name a file, such as .mai/mai.db.",
  });
}

function refuseStump(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || size >= leastBytes) return;
  throw new MaiError("store.not-ours", `${path} holds ${size} bytes, too few for a store`, {
    hint: "If it was one, it was cut off: bring back a copy. Otherwise name another file with --store.",
  });
}

/** Level by level: below `/proc`, Node's own recursive mkdir never returns. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!existsSync(folder)) throw error;
  }
}

function prepare(path: string, durability: Durability, waitMs: number): DatabaseSync {
  const db = new (loadSqlite().DatabaseSync)(path);
  try {
    db.exec(`PRAGMA busy_timeout = ${waitMs}`);
    checkOurs(db, path);
    db.exec("PRAGMA journal_mode = WAL");
    db.exec(`PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
    migrate(db, path);
    db.exec(`PRAGMA busy_timeout = ${lockWaitMs}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** `node:sqlite` without its warning that it is experimental on Node 22; our tests hold on every version we name. */
function loadSqlite(): typeof import("node:sqlite") {
  const { emitWarning } = process;
  process.emitWarning = (() => undefined) as typeof emitWarning;
  try {
    return createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}

function checkOurs(db: DatabaseSync, path: string): void {
  // In this order: tables and id come in one commit, which another process may make between the two looks.
  const row = db.prepare("SELECT count(*) AS count FROM sqlite_schema").get();
  const id = pragma(db, "application_id");
  if (id === applicationId || (id === 0 && row?.["count"] === 0)) return;
  throw new MaiError("store.not-ours", `${path} is an SQLite file of another program`, {
    hint: "Name another file with --store.",
  });
}

function migrate(db: DatabaseSync, path: string): void {
  if (pragma(db, "user_version") === migrations.length) return;
  // Taken before looking again: two processes may open a new file at once.
  db.exec("BEGIN IMMEDIATE");
  try {
    const version = pragma(db, "user_version");
    if (version > migrations.length) {
      throw new MaiError(
        "store.newer-version",
        `${path} was written by a newer version of mai (file version ${version}, this one knows ${migrations.length})`,
        {
          hint: "Update mai-orchestration-framework.",
        },
      );
    }
    for (const statements of migrations.slice(version)) db.exec(statements);
    db.exec(`PRAGMA application_id = ${applicationId}`);
    db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}

/** Takes the open transaction back; a full disk may have done so already. */
export function rollback(db: DatabaseSync): void {
  if (db.isTransaction === false) return;
  try {
    db.exec("ROLLBACK");
  } catch {
    // SQLite has rolled back by itself.
  }
}

// SQLite's primary result codes: https://sqlite.org/rescode.html
const remedies: ReadonlyMap<
  number,
  readonly ["store.failed" | "store.busy" | "store.not-ours", string, string]
> = new Map([
  [
    busyCode,
    ["store.busy", "is locked by another process", "Wait for it, or end the process that holds it."],
  ],
  [6, ["store.busy", "is locked by another process", "Wait for it, or end the process that holds it."]],
  [8, ["store.failed", "cannot be written", "Check the permissions of the file and its folder."]],
  [
    10,
    [
      "store.failed",
      "cannot be read or written (I/O error)",
      "Check the disk; what was acknowledged before is kept.",
    ],
  ],
  [damagedCode, ["store.failed", "is damaged", "Keep a copy, then move it away; `mai doctor` says more."]],
  [
    13,
    [
      "store.failed",
      "cannot grow: the disk is full",
      "Make room, then `mai resume`; what was acknowledged is kept.",
    ],
  ],
  [14, ["store.failed", "cannot be opened", "Check that its folder exists and can be written."]],
  [26, ["store.not-ours", "is not a store of mai", "Name another file with --store."]],
]);

/** What an error of SQLite or the file system means to a person. */
export function storeError(error: unknown, path: string): unknown {
  if (isMaiError(error)) return error;
  // Pages that were overwritten can still be pages: what they hold is no longer the JSON that was put there.
  const code = error instanceof SyntaxError ? damagedCode : codeOf(error);
  const remedy = code === null ? undefined : remedies.get(code & 0xff);
  if (remedy !== undefined) {
    const [maiCode, what, hint] = remedy;
    return new MaiError(maiCode, `The store ${path} ${what}`, { hint, cause: error });
  }
  if (code !== null || isSystemError(error)) {
    const hint = "Check the file, its folder and the disk; `mai doctor` looks at them too.";
    return new MaiError("store.failed", `The store ${path} failed: ${messageOf(error)}`, {
      hint,
      cause: error,
    });
  }
  return error;
}

/** SQLite's result code; Node says `errcode`, Bun `errno`. */
function codeOf(error: unknown): number | null {
  if (typeof error !== "object" || error === null) return null;
  if ("errcode" in error && typeof error.errcode === "number") return error.errcode;
  const isBun = "name" in error && error.name === "SQLiteError";
  return isBun && "errno" in error && typeof error.errno === "number" ? error.errno : null;
}

function isSystemError(error: unknown): boolean {
  return typeof error === "object" && error !== null && "syscall" in error;
}
