/**
 * Keys of runs: whoever starts a run under a key, and does not know whether that went through, starts it again under the
 * same key and gets the same run. A key is bound to its run before the run is started, and for good.
 */
import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { FarmTask } from "mai-orchestration-core";
import { MaiError } from "mai-orchestration-core/errors";
import { prepareStateFolder } from "../../execution/state-folder.ts";
import { type Flag, usageError } from "../command.ts";
import { notesFolder } from "../store/notes-folder.ts";

/** @internal */
export const keyFlag: Flag = {
  name: "key",
  value: "KEY",
  summary: "start it once: the same key again means the same run",
};

interface Bound {
  readonly key: string;
  readonly runId: string;
  /** Of the tasks. */
  readonly digest: string;
}

/** @internal */
export interface KeyedRun {
  readonly key: string;
  readonly storePath: string;
  readonly tasks: readonly FarmTask[];
  readonly newId: () => string;
}

/**
 * The id of the key's run, a new one for a new key. Throws `run.key-used` for a
 * key whose run has other tasks.
 *
 * @internal
 */
export function runIdOfKey({ key, storePath, tasks, newId }: KeyedRun): string {
  refuseLongKey(key);
  const digest = sha256(JSON.stringify(tasks));
  const file = join(notesFolder(storePath), `key-${sha256(key).slice(0, 32)}.json`);
  const bound = read(file) ?? bind(file, { key, runId: newId(), digest });
  if (bound.digest === digest) return bound.runId;
  throw keyUsed(key, bound.runId);
}

/**
 * The same for a store that machines share, where the key itself names the run: whoever comes first submits it. What a run
 * of other tasks stands for is said when it is known, and else by the store, which refuses them.
 *
 * @internal
 */
export function runIdOfSharedKey(key: string): string {
  refuseLongKey(key);
  return `run-key-${sha256(key).slice(0, 20)}`;
}

/** @internal */
export function keyUsed(key: string, runId: string): MaiError {
  return new MaiError(
    "run.key-used",
    `The key ${JSON.stringify(key)} stands for ${runId}, whose tasks are others`,
    { hint: `\`mai status ${runId}\` shows that run; other work needs another key.` },
  );
}

function refuseLongKey(key: string): void {
  if (key.length > 200) throw usageError("--key takes at most 200 characters", "run");
}

/** Whoever comes second, at whatever moment, gets what the first one wrote. */
function bind(file: string, bound: Bound): Bound {
  prepareStateFolder(dirname(dirname(file)));
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}`;
  try {
    const handle = openSync(temporary, "wx");
    try {
      writeFileSync(handle, JSON.stringify(bound));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    linkSync(temporary, file);
    return bound;
  } catch (error) {
    const earlier = read(file);
    if (earlier === null) throw error;
    return earlier;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function read(file: string): Bound | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Bound;
  } catch {
    return null;
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
