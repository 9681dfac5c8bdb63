import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Receipt } from "mai-orchestration-core";
import type { CheckContext } from "mai-orchestration-engine";
import { expect, test } from "vitest";
import { createRunCheck } from "../src/index.ts";
import { isAlive, newMark, temporaryFolder, until } from "./helpers.ts";

const runCheck = createRunCheck();

function contextIn(workspace: string, more: Partial<CheckContext> = {}): CheckContext {
  const outputFile = join(temporaryFolder(), "check.log");
  return {
    signal: new AbortController().signal,
    workspace,
    root: workspace,
    env: {},
    outputFile,
    mark: newMark(),
    ...more,
  };
}

function digest(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

test("a check that exits with 0 passes, and its receipt says what it saw", async () => {
  const before = Date.now();

  const receipt = await runCheck(
    { command: "echo $GIVEN; echo err >&2" },
    contextIn(temporaryFolder(), { env: { GIVEN: "fine" } }),
  );

  expect(receipt).toEqual<Receipt>({
    command: "echo $GIVEN; echo err >&2",
    passed: true,
    exitCode: 0,
    outputDigest: digest("fine\nerr\n"),
    outputTail: "fine\nerr\n",
    at: expect.any(Number),
    durationMs: expect.any(Number),
    tree: null,
    treeChanged: false,
    environment: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
  });
  expect(receipt.at).toBeGreaterThanOrEqual(before);
});

test("a check that exits otherwise fails", async () => {
  expect(await runCheck({ command: "echo no; exit 9" }, contextIn(temporaryFolder()))).toMatchObject({
    passed: false,
    exitCode: 9,
    outputTail: "no\n",
  });
});

test("the digest is of all output, the tail of the last 4 KB, and earlier content of the file does not count", async () => {
  const context = contextIn(temporaryFolder());
  writeFileSync(context.outputFile, "from before\n");

  const receipt = await runCheck({ command: "seq 1 50000" }, context);

  expect(receipt.outputDigest).toBe(digest(execFileSync("seq", ["1", "50000"], { encoding: "utf8" })));
  expect(receipt.outputTail).toHaveLength(4096);
  expect(readFileSync(context.outputFile, "utf8").startsWith("from before\n1\n")).toBe(true);
});

test("a check that takes too long fails without an exit code and says so", async () => {
  const receipt = await runCheck(
    { command: "echo working; sleep 300", timeout: 150 },
    contextIn(temporaryFolder()),
  );

  expect(receipt).toMatchObject({ passed: false, exitCode: null });
  expect(receipt.outputTail).toMatch(/^working\n\n\[ended after \d+ ms: the check's timeout\]\n$/);
});

test("a check in a directory that is missing fails and says so", async () => {
  expect(await runCheck({ command: "true" }, contextIn("/nowhere/at/all"))).toMatchObject({
    passed: false,
    outputTail: "[not started: the directory /nowhere/at/all does not exist]\n",
  });
});

test("an abort ends a check and all its processes", async () => {
  const controller = new AbortController();
  const context = contextIn(temporaryFolder(), { signal: controller.signal });
  const running = runCheck({ command: "echo $$; sleep 300" }, context);
  let pid = 0;
  await until(() => {
    try {
      pid = Number(readFileSync(context.outputFile, "utf8"));
    } catch {
      pid = 0;
    }
    return pid > 0;
  });

  controller.abort();

  expect(await running).toMatchObject({ passed: false, exitCode: null });
  expect(isAlive(pid)).toBe(false);
});

test("a receipt names the tree the check saw, and whether the check changed it", async () => {
  const repository = temporaryFolder();
  execFileSync("git", ["init", "-q"], { cwd: repository });
  writeFileSync(join(repository, "a.txt"), "a\n");

  const quiet = await runCheck({ command: "test -s a.txt" }, contextIn(repository));
  const noisy = await runCheck({ command: "echo b > b.txt" }, contextIn(repository));
  const after = await runCheck({ command: "true" }, contextIn(repository));

  expect(quiet).toMatchObject({
    passed: true,
    treeChanged: false,
    tree: expect.stringMatching(/^[0-9a-f]{40}$/),
  });
  expect(noisy).toMatchObject({ tree: quiet.tree, treeChanged: true });
  expect(after.tree).not.toBe(quiet.tree);
});
