/** Up to which place in the journal a session was told of ends. One small file a session, beside the store. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { safeFileName } from "../../execution/safe-file-name.ts";
import { notesFolder } from "../store/notes-folder.ts";

/** Sessions are kept that long by Claude Code. */
const keptMs = 30 * 24 * 60 * 60 * 1_000;

interface Told {
  readonly seq: number;
  /** Which file the store was: another one counts from the start. */
  readonly store: number;
}

/** `null` for a session that was told nothing yet. @internal */
export function toldUpTo(storePath: string, sessionId: string): number | null {
  try {
    const { seq, store } = JSON.parse(readFileSync(fileFor(storePath, sessionId), "utf8")) as Told;
    return Number.isInteger(seq) && store === statSync(storePath).ino ? seq : null;
  } catch {
    return null;
  }
}

/** @internal */
export function rememberTold(storePath: string, sessionId: string, seq: number): void {
  const file = fileFor(storePath, sessionId);
  const told: Told = { seq, store: statSync(storePath).ino };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.tmp`, JSON.stringify(told));
  renameSync(`${file}.tmp`, file);
}

/** Removes what sessions left that are long over. Failing to is no harm. @internal */
export function forgetOldSessions(storePath: string, now: number): void {
  const folder = notesFolder(storePath);
  try {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (/^(?:brief|agents)-/.test(name) && statSync(path).mtimeMs < now - keptMs) rmSync(path);
    }
  } catch {
    // Files more in a folder of ours.
  }
}

function fileFor(storePath: string, sessionId: string): string {
  return join(notesFolder(storePath), `brief-${safeFileName(sessionId)}.json`);
}
