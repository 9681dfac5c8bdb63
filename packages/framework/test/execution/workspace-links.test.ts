import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { FarmTask } from "mai-orchestration-core";
import { expect, test } from "vitest";
import { workspaceOf } from "../../src/execution/workplace.ts";
import { folder } from "../support/test-io.ts";

const taskIn = (cwd: string): FarmTask => ({
  taskId: "a",
  type: "test",
  description: "",
  context: [],
  constraints: [],
  successCriteria: "",
  cwd,
});

test("a link that leads out of the root is no place to work in, nor is a folder behind it", () => {
  const root = folder();
  const outside = folder();
  mkdirSync(join(root, "inside"));
  symlinkSync(outside, join(root, "out"));
  symlinkSync(join(root, "inside"), join(root, "in"));

  for (const cwd of ["out", "out/deeper", "../x"]) {
    expect(() => workspaceOf(root, taskIn(cwd))).toThrow("leaves the root");
  }
  expect(workspaceOf(root, taskIn("in"))).toBe(join(root, "in"));
  expect(workspaceOf(root, taskIn("not/there/yet"))).toBe(join(root, "not/there/yet"));
});

test("a root that is itself reached by a link is a root like any other", () => {
  const real = folder();
  const place = folder();
  mkdirSync(join(real, "inside"));
  symlinkSync(real, join(place, "root"));

  expect(workspaceOf(join(place, "root"), taskIn("inside"))).toBe(join(place, "root", "inside"));
});
