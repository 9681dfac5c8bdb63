import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isMaiError, type JournalEntry, type TaskState } from "mai-orchestration-core";
import { type Store, systemClock } from "mai-orchestration-engine";
import { checkFold, checkJournal } from "mai-orchestration-testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inspectSqliteStore, openSqliteStore } from "../src/index.ts";
import { newFolder } from "./support/folder.ts";
import { readJournal, requestOf, runOf, success, taskOf } from "./support/scene.ts";

const pageBytes = 4_096;

let folder = "";
let sound = "";
let journal: readonly JournalEntry[] = [];

/** A file with a history: tasks that ended, that run, that wait; long texts that take pages of their own. */
beforeEach(async () => {
  folder = await newFolder();
  sound = join(folder, "sound.db");
  const store = openSqliteStore({ path: sound, clock: systemClock });
  const tasks = Array.from({ length: 30 }, (_, i) =>
    taskOf(`t${i}`, {
      description: `${i} `.repeat(i % 7 === 0 ? 4_000 : 40),
      dependsOn: i % 3 === 2 ? [`t${i - 1}`] : [],
    }),
  );
  await store.submit(runOf("run-1"), tasks);
  for (let round = 0; round < 6; round++) {
    const { claims } = await store.claim(requestOf("run-1", 3));
    await Promise.all(claims.slice(round === 5 ? 1 : 0).map((claim) => store.settle(claim, success)));
  }
  journal = await readJournal(store);
  await store.close();
});

afterEach(() => rm(folder, { recursive: true }));

interface Look {
  readonly journal: readonly JournalEntry[];
  readonly tasks: readonly TaskState[];
}

/** What a reader gets of a file: all of it, or a refusal. Anything else that is thrown is a defect and goes on up. */
async function lookAt(path: string): Promise<Look | "refused"> {
  let store: Store | null = null;
  try {
    store = openSqliteStore({ path, clock: systemClock, mustExist: true });
    const all = await readJournal(store);
    await store.runs();
    await store.held();
    await store.counts("run-1");
    return { journal: all, tasks: await store.tasks({ runId: "run-1" }) };
  } catch (error) {
    if (!isMaiError(error) || error.hint === undefined) throw error;
    expect(error.message).toContain(path);
    return "refused";
  } finally {
    await store?.close();
  }
}

/** Whether `mai doctor` would say that something is wrong. */
function isFoundByDoctor(path: string): boolean {
  try {
    return inspectSqliteStore(path).length > 0;
  } catch (error) {
    if (!isMaiError(error)) throw error;
    return true;
  }
}

/** Whether `mai audit` would. */
function isFoundByAudit(look: Look): boolean {
  return checkFold(look.journal, "run-1", look.tasks).length > 0 || checkJournal(look.journal).length > 0;
}

/** A damaged copy, at a path of its own. */
function damagedCopy(name: string, damage: (bytes: Buffer) => Buffer): string {
  const path = join(folder, `${name}.db`);
  writeFileSync(path, damage(readFileSync(sound)));
  return path;
}

const damages: readonly (readonly [string, (page: Buffer) => void])[] = [
  ["zeros", (page) => page.fill(0)],
  ["garbage", (page) => randomBytes(page.length).copy(page)],
  ["a torn write", (page) => page.fill(0, page.length / 2)],
];

test.each(damages)(
  "a page of %s, whichever it is, is refused, found, or without any effect",
  async (name, damage) => {
    const pages = readFileSync(sound).length / pageBytes;
    let felt = 0;
    for (let page = 0; page < pages; page++) {
      const path = damagedCopy(`${name} ${page}`, (bytes) => {
        damage(bytes.subarray(page * pageBytes, (page + 1) * pageBytes));
        return bytes;
      });

      const look = await lookAt(path);

      const isFound = look === "refused" || isFoundByDoctor(path) || isFoundByAudit(look);
      if (isFound) felt++;
      else expect(look.journal, `page ${page} of ${pages}`).toEqual(journal);
    }
    expect(felt).toBeGreaterThan(pages / 2);
  },
);

test("a file that was cut off, wherever, is refused or found", async () => {
  const bytes = readFileSync(sound).length;
  for (const left of [1, 99, 100, 4_095, 4_096, 10_000, bytes / 2, bytes - pageBytes, bytes - 1]) {
    const path = damagedCopy(`cut ${left}`, (all) => all.subarray(0, Math.floor(left)));

    const look = await lookAt(path);

    expect(look === "refused" || isFoundByDoctor(path), `${left} bytes left`).toBe(true);
  }
});

describe("with a log of commits (WAL) that is not merged yet", () => {
  /** Copies of file and log, as a process that was killed leaves them. */
  async function copyWhileOpen(name: string): Promise<string> {
    const live = join(folder, `live ${name}.db`);
    const store = openSqliteStore({ path: live, clock: systemClock });
    await store.submit(runOf("run-1"), [taskOf("a"), taskOf("b")]);
    for (let round = 0; round < 2; round++) {
      const { claims } = await store.claim(requestOf("run-1", 1));
      for (const claim of claims) await store.settle(claim, success);
    }
    const copy = join(folder, `${name}.db`);
    copyFileSync(live, copy);
    copyFileSync(`${live}-wal`, `${copy}-wal`);
    journal = await readJournal(store);
    await store.close();
    return copy;
  }

  test("file and log together hold every commit", async () => {
    const look = await lookAt(await copyWhileOpen("both"));

    expect(look).toMatchObject({ journal });
  });

  test("a log that was cut off, or whose end is damaged, gives back a whole earlier moment", async () => {
    for (const damage of ["cut", "garbage"]) {
      const path = await copyWhileOpen(damage);
      const log = `${path}-wal`;
      const bytes = readFileSync(log);
      if (damage === "cut") truncateSync(log, bytes.length - 5_000);
      else writeFileSync(log, Buffer.concat([bytes.subarray(0, -5_000), randomBytes(5_000)]));

      const look = await lookAt(path);

      if (look === "refused") continue;
      expect(journal.slice(0, look.journal.length)).toEqual(look.journal);
      expect(isFoundByAudit(look)).toBe(false);
    }
  });

  test("a file with a log of a later moment is refused, found, or a whole moment", async () => {
    const live = join(folder, "live.db");
    const path = join(folder, "mixed.db");
    let store = openSqliteStore({ path: live, clock: systemClock });
    await store.submit(runOf("run-1"), [taskOf("a"), taskOf("b")]);
    await store.close();
    copyFileSync(live, path);
    store = openSqliteStore({ path: live, clock: systemClock });
    const { claims } = await store.claim(requestOf("run-1", 1));
    for (const claim of claims) await store.settle(claim, success);
    await store.close();
    store = openSqliteStore({ path: live, clock: systemClock });
    await store.claim(requestOf("run-1", 1));
    copyFileSync(`${live}-wal`, `${path}-wal`);
    journal = await readJournal(store);
    await store.close();

    const look = await lookAt(path);

    if (look === "refused" || isFoundByDoctor(path) || isFoundByAudit(look)) return;
    expect(journal.slice(0, look.journal.length)).toEqual(look.journal);
  });

  test("a log that went missing gives back a whole earlier moment", async () => {
    const path = await copyWhileOpen("missing");
    rmSync(`${path}-wal`);
    expect(existsSync(`${path}-wal`)).toBe(false);

    const look = await lookAt(path);

    if (look === "refused") return;
    expect(journal.slice(0, look.journal.length)).toEqual(look.journal);
    expect(isFoundByAudit(look)).toBe(false);
  });
});
