import { spawn } from "node:child_process";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createVitals } from "../src/index.ts";
import { newMark, temporaryFolder } from "./helpers.ts";

const vitals = createVitals();

function start(script: string): string {
  const mark = newMark();
  const env = { ...process.env, MAI_MARK: mark };
  const child = spawn("sh", ["-c", script], { detached: true, stdio: "ignore", env });
  onTestFinished(() => void process.kill(-(child.pid ?? Number.NaN), "SIGKILL"));
  return mark;
}

describe.runIf(process.platform === "linux")("processes", () => {
  test("that compute, read or write are busy, in whichever process of the tree", async () => {
    const scripts = [
      "while :; do :; done",
      "sh -c 'while :; do :; done' & wait",
      "while :; do cat /proc/cpuinfo > /dev/null; sleep 0.01; done",
      "while :; do sh -c ':'; sleep 0.01; done",
    ];
    for (const script of scripts) {
      const watch = vitals.watch(start(script));
      await expect.poll(async () => (await watch.look(null)).busy).toBe(true);
    }
  });

  test("that wait are not, nor is nobody; the first look tells nothing", async () => {
    const watch = vitals.watch(start("exec sleep 300"));
    expect((await watch.look(null)).busy).toBe(null);
    // The shell becomes its program meanwhile.
    await expect.poll(async () => (await watch.look(null)).busy).toBe(false);

    const nobody = vitals.watch(newMark());
    expect((await nobody.look(null)).busy).toBe(null);
    expect((await nobody.look(null)).busy).toBe(false);
  });
});

test("a file that is new, changed or removed is a change; what the engine and git write is none", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "deep", "er"), { recursive: true });
  mkdirSync(join(folder, ".mai"));
  writeFileSync(join(folder, "deep", "er", "file"), "one");
  const watch = vitals.watch(newMark());
  const look = async (): Promise<boolean | null> => (await watch.look(folder)).changed;
  await expect.poll(look).toBe(false);

  const later = new Date(Date.now() + 5_000);
  writeFileSync(join(folder, ".mai", "log"), "engine");
  utimesSync(join(folder, ".mai", "log"), later, later);
  expect(await look()).toBe(false);
  utimesSync(join(folder, "deep", "er", "file"), later, later);
  expect(await look()).toBe(true);
  expect((await watch.look(null)).changed).toBe(null);
});

test("a workspace that is not there tells of no change", async () => {
  expect(await vitals.watch(newMark()).look("/nowhere/at/all")).toMatchObject({ changed: false });
});
