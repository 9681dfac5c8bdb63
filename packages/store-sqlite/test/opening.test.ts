import { chmod, chown, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "mai-orchestration-engine";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OpenOptions, openSqliteStore } from "../src/index.ts";
import { startChild } from "./support/child.ts";
import { newFolder } from "./support/folder.ts";
import { readJournal, runOf, taskOf } from "./support/scene.ts";

let folder = "";
let path = "";

beforeEach(async () => {
  folder = await newFolder();
  path = join(folder, "mai.db");
});

afterEach(() => rm(folder, { recursive: true }));

function expectRefusal(code: string, options: Partial<OpenOptions> = {}, at = path): void {
  const refusal = expect.objectContaining({
    name: "MaiError",
    code,
    message: expect.stringContaining(at),
    hint: expect.any(String),
  });
  expect(() => openSqliteStore({ path: at, clock: systemClock, ...options })).toThrow(refusal);
}

function sql(statements: string): void {
  const db = new DatabaseSync(path);
  db.exec(statements);
  db.close();
}

test("an unknown durability is refused, and nothing is made", async () => {
  expectRefusal("store.invalid-option", { durability: "x" as "full" });

  await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
});

describe("a store is made", () => {
  test("in a folder that is missing", async () => {
    const deep = join(folder, "a", "b", "mai.db");
    await openSqliteStore({ path: deep, clock: systemClock }).close();

    expect((await stat(deep)).isFile()).toBe(true);
  });

  test("of an empty file", async () => {
    await writeFile(path, "");
    const store = openSqliteStore({ path, clock: systemClock, mustExist: true });
    await store.submit(runOf("run-1"), [taskOf("a")]);
    await store.close();

    const again = openSqliteStore({ path, clock: systemClock, mustExist: true });
    expect((await again.counts("run-1")).total).toBe(1);
    expect(again.name).toBe(path);
    await again.close();
  });

  test("of an SQLite file without a table", async () => {
    sql("VACUUM");
    const store = openSqliteStore({ path, clock: systemClock });

    expect(await store.runs()).toEqual([]);
    await store.close();
  });
});

describe("refused, and left as it was, is", () => {
  test("a file that is missing but must exist", async () => {
    const deep = join(folder, "a", "mai.db");
    expectRefusal("store.not-found", { mustExist: true }, deep);

    await expect(stat(join(folder, "a"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("a file of a newer version", async () => {
    await openSqliteStore({ path, clock: systemClock }).close();
    sql("PRAGMA user_version = 99");
    const before = await readFile(path);
    expectRefusal("store.newer-version");

    expect(await readFile(path)).toEqual(before);
  });

  test("an SQLite file of another program", async () => {
    sql("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)");
    const before = await readFile(path);
    expectRefusal("store.not-ours");

    expect(await readFile(path)).toEqual(before);
  });

  test("an empty SQLite file that another program marked as its own", () => {
    sql("PRAGMA application_id = 42");
    expectRefusal("store.not-ours");
  });

  test("a file that is no database", async () => {
    const text = "This is a text about databases, long enough to be looked at.\n".repeat(100);
    await writeFile(path, text);
    expectRefusal("store.not-ours");

    expect(await readFile(path, "utf8")).toBe(text);
  });

  test("a folder", async () => {
    await mkdir(path);
    expectRefusal("store.not-ours");
  });

  test("a path through a file", async () => {
    await writeFile(path, "");
    expectRefusal("store.failed", {}, join(path, "mai.db"));
  });
});

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

describe("a file that may not be written", () => {
  for (const [what, fileMode, folderMode] of [
    ["itself", 0o444, 0o755],
    ["nor read", 0o000, 0o755],
    ["in a folder that may not", 0o644, 0o555],
  ] as const) {
    if (process.platform === "win32") continue;
    test(`${what} gives store.failed and names the file`, async () => {
      await openSqliteStore({ path, clock: systemClock }).close();
      // Root may write everything, so the child is somebody else.
      if (isRoot) for (const one of [folder, path]) await chown(one, nobody, nobody);
      await chmod(path, fileMode);
      await chmod(folder, folderMode);
      const child = startChild("opener.ts", [path, "run-1"], isRoot ? { uid: nobody } : {});
      child.say("go");
      await child.ended;
      await chmod(folder, 0o755);

      expect(child.lines.at(-1)).toMatch(/^store\.failed: The store .*mai\.db cannot be/);
    });
  }
});

test("a file that is damaged while it is open rejects reads and writes with store.failed", async () => {
  const store = openSqliteStore({ path, clock: systemClock });
  await store.submit(runOf("run-1"), [taskOf("a")]);
  sql("DROP TABLE events");

  for (const call of [() => readJournal(store), () => store.submit(runOf("run-2"), [taskOf("a")])]) {
    await expect(call()).rejects.toMatchObject({ name: "MaiError", code: "store.failed" });
  }
  expect((await store.counts("run-1")).total).toBe(1);
  expect(await store.run("run-2")).toBeUndefined();
  await store.close();
});
