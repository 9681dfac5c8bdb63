/** The closing line of `.ci/run`: nothing that failed, or never ran, may look like success. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { repositoryRoot } from "../scripts/lib/repository.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mai-ci-summary-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function leave(name: string, result: object | string): void {
  writeFileSync(join(folder, `${name}.json`), typeof result === "string" ? result : JSON.stringify(result));
}

function summarise(...steps: readonly string[]): { readonly status: number | null; readonly last: string } {
  const script = join(repositoryRoot, ".ci/summarise.mjs");
  const run = spawnSync(process.execPath, [script, folder, ...steps], { encoding: "utf8" });
  return { status: run.status, last: run.stdout.trimEnd().split("\n").at(-1) ?? "" };
}

test("adds up what Vitest and the scripts counted", () => {
  leave("node", { numPassedTests: 30, numFailedTests: 0, testResults: [] });
  leave("bun", { numPassedTests: 30, numFailedTests: 0, testResults: [] });
  leave("check", { passed: 5, failed: 0 });

  expect(summarise("test:0:node,bun", "check:0:check")).toEqual({ status: 0, last: "65 passed, 0 failed" });
});

test("a failed test is counted once, although its step failed too", () => {
  leave("node", { numPassedTests: 29, numFailedTests: 1, testResults: [] });

  expect(summarise("test:1:node")).toEqual({ status: 1, last: "29 passed, 1 failed" });
});

test("a step that failed without a failed test is a failure", () => {
  leave("node", { numPassedTests: 30, numFailedTests: 0, testResults: [] });

  expect(summarise("test:1:node")).toEqual({ status: 1, last: "30 passed, 1 failed" });
});

test("a test file that could not be loaded is a failure", () => {
  const unloaded = { status: "failed", assertionResults: [] };
  leave("node", { numPassedTests: 3, numFailedTests: 0, testResults: [unloaded, unloaded] });

  expect(summarise("test:1:node")).toEqual({ status: 1, last: "3 passed, 2 failed" });
});

test.each([
  { what: "was never written", text: undefined },
  { what: "was cut short", text: '{"numPassedTests": 3' },
  { what: "holds no counts", text: "{}" },
])("a result that $what is a failure, even where the step said it was well", ({ text }) => {
  if (text !== undefined) leave("node", text);

  expect(summarise("test:0:node")).toEqual({ status: 1, last: "0 passed, 1 failed" });
});

test("a suite that skipped everything is a failure, whatever passed beside it", () => {
  leave("node", { numPassedTests: 30, numFailedTests: 0, testResults: [] });
  leave("claude", { numPassedTests: 0, numFailedTests: 0, numPendingTests: 7, testResults: [] });
  leave("packed", { passed: 0, failed: 0 });

  expect(summarise("test:0:node", "claude:0:claude", "packed:0:packed")).toEqual({
    status: 1,
    last: "30 passed, 2 failed",
  });
});

test("no step at all is a failure", () => {
  expect(summarise()).toEqual({ status: 1, last: "0 passed, 1 failed" });
});
