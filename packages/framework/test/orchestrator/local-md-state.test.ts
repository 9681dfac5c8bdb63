import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadState, saveState } from "../../src/index.ts";
import { codeOf, folder, orchestratorOf, task } from "../support/tasks.ts";

const users = "# Mine\r\nnot yours\r\n";

test("a state goes through CLAUDE.local.md, and every byte of the user's text stays", async () => {
  const path = join(folder(), "CLAUDE.local.md");
  writeFileSync(path, users);
  const before = orchestratorOf(() => "done");
  before.queueTask(task("a"));
  await before.executeTask("a");

  saveState(before.getState(), path);
  const after = orchestratorOf(() => "again");
  await after.restoreState(loadState(path));

  expect(readFileSync(path, "utf8").startsWith(users)).toBe(true);
  expect(after.getAllStatus().map(({ taskId, status }) => [taskId, status])).toEqual([["a", "complete"]]);
});

test("a state without room in the block's 4,000 characters lies beside it, and comes back whole", async () => {
  const root = folder();
  const path = join(root, "CLAUDE.local.md");
  const before = orchestratorOf(() => "done");
  before.queueBatch(Array.from({ length: 100 }, (_, index) => task(`task-${index}`)));
  const state = before.getState();

  saveState(state, path);

  expect(readFileSync(path, "utf8").length).toBeLessThanOrEqual(4_000);
  expect(readFileSync(path, "utf8")).toContain(".mai/state/state-");
  expect(loadState(path)).toEqual(JSON.parse(JSON.stringify(state)));
});

test("what holds no state, or a later one, is refused with a code", async () => {
  const path = join(folder(), "CLAUDE.local.md");
  expect(await codeOf(() => loadState(path))).toBe("state.invalid");
  writeFileSync(path, users);
  expect(await codeOf(() => loadState(path))).toBe("state.invalid");
  saveState({ ...orchestratorOf(() => "").getState(), version: 99 }, path);
  expect(await codeOf(() => loadState(path))).toBe("state.newer-version");
});
