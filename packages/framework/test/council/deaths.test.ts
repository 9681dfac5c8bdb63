/** kill -9 in each phase of a council, then resume: nothing that ended is paid twice, and the end is the same. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "mai-orchestration-engine/store";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { expect, onTestFinished, test } from "vitest";
import { folder } from "../support/test-io.ts";

const program = fileURLToPath(new URL("../support/council-process.ts", import.meta.url));

function start(cwd: string, ...args: string[]): { readonly child: ChildProcess; readonly out: () => string } {
  const child = spawn(process.execPath, ["--conditions=mai-source", program, cwd, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let out = "";
  child.stdout?.on("data", (chunk) => {
    out += String(chunk);
  });
  return { child, out: () => out };
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

const phases = ["/round-1/pm", "/round-2/techlead", "/item-1/try-1/review/pm", "/item-1/try-2"];

test.each(phases)("killed in %s, a council goes on where it was", async (phase) => {
  const cwd = folder();
  const first = start(cwd, phase);
  await expect.poll(() => linesOf(join(cwd, "hangs")).length, { timeout: 20_000 }).toBe(1);
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  const [hung = ""] = linesOf(join(cwd, "hangs"));
  const store = openSqliteStore({ path: join(cwd, "mai.db"), clock: systemClock });
  const runId = (await store.runs())[0]?.runId ?? "";
  await store.close();

  const second = start(cwd, phase, runId);
  const [code] = await once(second.child, "close");

  expect(code).toBe(0);
  const { reviews, hold } = JSON.parse(second.out());
  expect(hold).toBeNull();
  expect(reviews).toMatchObject([
    { verdict: "approve", tries: 2, taskId: "council/item-1/try-2" },
    { verdict: "approve", tries: 1, taskId: "council/item-2/try-1" },
  ]);
  const paid = linesOf(join(cwd, "paid"));
  const twice = paid.filter((taskId, index) => paid.indexOf(taskId) !== index);
  // Only what was cut off in the middle is asked for again.
  expect(twice).toEqual([hung]);
  expect(new Set(paid).size).toBe(2 + 2 + 3 + 6);
});
