import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { gitTree } from "../src/index.ts";
import { temporaryFolder } from "./helpers.ts";

const never = new AbortController().signal;

function git(cwd: string, ...args: string[]): string {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.invalid"];
  return execFileSync("git", [...identity, ...args], { cwd, encoding: "utf8" }).trim();
}

function repository(): string {
  const folder = temporaryFolder();
  git(folder, "init", "-q");
  writeFileSync(join(folder, ".gitignore"), "ignored/\n");
  writeFileSync(join(folder, "a.txt"), "a\n");
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "-m", "first");
  return folder;
}

test("an unchanged work tree has the tree of its commit", async () => {
  const folder = repository();

  expect(await gitTree(folder, never)).toBe(git(folder, "rev-parse", "HEAD^{tree}"));
});

test("the tree is that of the files as they are: changed, new, removed, staged or not, from any folder", async () => {
  const folder = repository();
  writeFileSync(join(folder, "a.txt"), "b\n");
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "sub", "new.txt"), "new\n");

  const tree = await gitTree(join(folder, "sub"), never);

  expect(git(folder, "ls-tree", "-r", "--name-only", tree ?? "").split("\n")).toEqual([
    ".gitignore",
    "a.txt",
    "sub/new.txt",
  ]);
  expect(git(folder, "show", `${tree}:a.txt`)).toBe("b");
});

test("ignored files and .mai are left out", async () => {
  const folder = repository();
  const before = await gitTree(folder, never);
  for (const place of ["ignored", ".mai", "sub/.mai"]) {
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, place, "x"), "x\n");
  }

  expect(await gitTree(folder, never)).toBe(before);
});

test("neither the index nor a file nor a hook of the user's is touched, and no temporary index stays", async () => {
  const folder = repository();
  writeFileSync(join(folder, "staged.txt"), "staged\n");
  git(folder, "add", "staged.txt");
  writeFileSync(join(folder, "loose.txt"), "loose\n");
  writeFileSync(join(folder, ".git", "hooks", "post-index-change"), "#!/bin/sh\ntouch hook-ran\n", {
    mode: 0o755,
  });
  const index = readFileSync(join(folder, ".git", "index"));
  const changedAt = statSync(join(folder, ".git", "index")).mtimeMs;
  const status = git(folder, "--no-optional-locks", "status", "--porcelain");
  const temporary = temporaryFolder();
  const usual = process.env["TMPDIR"];
  process.env["TMPDIR"] = temporary;
  onTestFinished(() => {
    if (usual === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = usual;
  });

  expect(await gitTree(folder, never)).not.toBeNull();

  expect(readFileSync(join(folder, ".git", "index"))).toEqual(index);
  expect(statSync(join(folder, ".git", "index")).mtimeMs).toBe(changedAt);
  expect(git(folder, "--no-optional-locks", "status", "--porcelain")).toBe(status);
  expect(readdirSync(temporary)).toEqual([]);
});

test("a change in the very moment in which the index was written, of the same length, is seen", async () => {
  const folder = repository();
  const [file, index] = [join(folder, "a.txt"), join(folder, ".git", "index")];
  const moment = Math.floor(Date.now() / 1_000) - 60;
  git(folder, "config", "core.trustctime", "false");
  utimesSync(file, moment, moment);
  git(folder, "update-index", "--refresh");
  writeFileSync(file, "x\n");
  utimesSync(file, moment, moment);
  utimesSync(index, moment, moment);

  const tree = await gitTree(folder, never);

  expect(git(folder, "show", `${tree}:a.txt`)).toBe("x");
});

test("outside git, in a folder that is missing, and after an abort there is no tree", async () => {
  expect(await gitTree(temporaryFolder(), never)).toBeNull();
  expect(await gitTree("/nowhere/at/all", never)).toBeNull();
  expect(await gitTree(repository(), AbortSignal.abort())).toBeNull();
});

test("those who ask at the same time get the same tree, and each sees what was there when it asked", async () => {
  const folder = repository();
  const trees: Promise<string | null>[] = [];
  const contents: string[] = [];
  for (let i = 0; i < 8; i++) {
    writeFileSync(join(folder, `file-${i}.txt`), `${i}\n`);
    contents.push(`file-${i}.txt`);
    trees.push(gitTree(folder, never));
  }

  for (const [i, tree] of (await Promise.all(trees)).entries()) {
    const names = git(folder, "ls-tree", "--name-only", tree ?? "").split("\n");
    expect(names).toEqual(expect.arrayContaining(contents.slice(0, i + 1)));
  }
});

test("one who gives up does not take the tree from the others", async () => {
  const folder = repository();
  const controller = new AbortController();
  const first = gitTree(folder, never);
  const [givenUp, kept] = [gitTree(folder, controller.signal), gitTree(folder, never)];
  controller.abort();

  expect(await Promise.race([givenUp, first])).toBeNull();
  expect(await kept).toBe(await first);
  expect(await kept).toMatch(/^[0-9a-f]{40}$/);
});
