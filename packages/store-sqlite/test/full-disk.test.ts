import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "mai-orchestration-engine";
import { checkFold, checkJournal } from "mai-orchestration-testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqliteStore } from "../src/index.ts";
import { type Child, type StartOptions, startChild } from "./support/child.ts";
import { newFolder } from "./support/folder.ts";
import { readJournal } from "./support/scene.ts";

let folder = "";

beforeEach(async () => {
  folder = await newFolder();
});

afterEach(() => rm(folder, { recursive: true }));

/** Fills the store until it fails, makes room, and looks at what is kept. */
async function fill(
  path: string,
  options: StartOptions,
  makeRoom: (child: Child) => Promise<void>,
): Promise<void> {
  const child = startChild("filler.ts", [path, "2000"], options);
  const told = (): string | undefined =>
    child.lines.find((line) => /^(store\.|no MaiError|never)/.test(line));
  while (told() === undefined) await child.printed(child.lines.length + 1);
  const acknowledged = child.lines
    .filter((line) => line.startsWith("submitted "))
    .map((line) => line.slice(10));
  expect(told()).toMatch(
    /^store\.failed: The store .*mai\.db (cannot grow: the disk is full|cannot be read or written)/,
  );
  expect(acknowledged.length).toBeGreaterThan(0);

  await makeRoom(child);
  child.say("there is room");
  expect(await child.ended).toBe(0);
  expect(child.lines.at(-1)).toBe("submitted afterwards");
  expect(child.lines).toContain(`kept ${acknowledged.length}`);

  const store = openSqliteStore({ path, clock: systemClock, mustExist: true });
  const tasks = await store.tasks({ runId: "run-1" });
  expect(tasks.map((task) => task.spec.taskId)).toEqual([...acknowledged, "afterwards"]);
  const journal = await readJournal(store);
  expect(checkJournal(journal)).toEqual([]);
  expect(checkFold(journal, "run-1", tasks)).toEqual([]);
  await store.close();
}

describe("when there is no room left, nothing acknowledged is lost and the store can be used once there is", () => {
  const hasPrlimit = process.platform === "linux" && spawnSync("prlimit", ["--version"]).status === 0;
  if (hasPrlimit) {
    test("for a file that may not grow", async () => {
      // The signal is ignored, so that the write fails as it does on a full disk.
      const shell = `trap '' XFSZ; ulimit -S -f 4000; exec "$@"`;
      await fill(join(folder, "mai.db"), { shell }, async (child) => {
        execFileSync("prlimit", [`--pid=${child.pid}`, "--fsize=unlimited"]);
      });
    });
  }

  const mayMount = process.platform === "linux" && process.getuid?.() === 0;
  if (mayMount) {
    test("on a full disk", async ({ skip }) => {
      const disk = join(folder, "disk");
      await mkdir(disk);
      if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", disk]).status !== 0)
        skip("no mounts here");
      try {
        await writeFile(join(disk, "ballast"), Buffer.alloc(3_000_000));
        await fill(join(disk, "mai.db"), {}, () => rm(join(disk, "ballast")));
      } finally {
        execFileSync("umount", ["-l", disk]);
      }
    });
  }
});
