import { expect, test } from "vitest";
import { measureInChild } from "../harness/child.ts";

function fixture(name: string, ...args: string[]): Promise<unknown> {
  return measureInChild({ runtime: "node", script: `../test/fixtures/${name}`, args });
}

test("the last line that a contender prints is its measurement, and its folder is fresh", async () => {
  expect(await fixture("prints.ts", "7")).toEqual({ tasks: 7, filesFound: 0 });
});

test("a contender that throws is reported with what it threw", async () => {
  await expect(fixture("throws.ts")).rejects.toThrow(/throws\.ts on node ended with 1: .*the peer is broken/);
});

test("a contender that ends without a measurement is no result", async () => {
  await expect(fixture("silent.ts")).rejects.toThrow("no measurement printed");
});

test("a contender that does not end is killed when its time is over", async () => {
  const endless = measureInChild({
    runtime: "node",
    script: "../test/fixtures/endless.ts",
    args: [],
    timeoutMs: 500,
  });

  await expect(endless).rejects.toThrow("endless.ts on node ended with SIGKILL");
});
