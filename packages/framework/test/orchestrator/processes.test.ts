import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { markedProcesses } from "mai-orchestration-testkit";
import { expect, test } from "vitest";
import { Orchestrator } from "../../src/index.ts";
import { folder } from "../support/tasks.ts";

const script = (name: string): string => fileURLToPath(new URL(`../support/${name}.ts`, import.meta.url));

function start(name: string, ...args: string[]): ReturnType<typeof spawn> {
  return spawn(process.execPath, ["--conditions=mai-source", script(name), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

test.each([
  ["queue", undefined],
  ["task", undefined],
  ["batch", undefined],
  ["timeout", undefined],
  ["wait", undefined],
  ["batch", "mai.db"],
])("C5: an idle orchestrator keeps no process alive (%s, store %s)", async (use, store) => {
  const child = start("idle", use, ...(store === undefined ? [] : [join(folder(), store)]));
  let said = "";
  child.stdout?.on("data", (chunk) => {
    said += chunk;
  });

  // The limits that it sets are longer than this test may take.
  const [code] = await once(child, "exit");

  expect(said).toContain("reached the end");
  expect(code).toBe(0);
  if (use === "wait") expect(said).toContain("attempts 2");
});

test("after kill -9 during a batch another process goes on: nothing lost, nothing done twice, nothing left running", async () => {
  const root = folder();
  const child = start("endless", join(root, ".mai", "mai.db"), root);
  await new Promise<void>((resolve) => child.stdout?.once("data", () => resolve()));
  while (!readFileSync(join(root, "log"), "utf8").includes("slow")) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }

  child.kill("SIGKILL");
  await once(child, "exit");
  writeFileSync(join(root, "second-life"), "");
  const state = readFileSync(join(root, "state.json"), "utf8");
  await using restored = new Orchestrator({ root });
  await restored.restoreState(state);
  expect(restored.getResults()).toMatchObject([{ taskId: "quick", status: "success" }]);
  const results = await restored.executeBatch(["quick", "slow", "behind"]);

  expect(results).toMatchObject({ successCount: 3 });
  expect(results.results).toMatchObject([{ attempts: 1 }, { attempts: 2 }, { attempts: 1 }]);
  expect(readFileSync(join(root, "log"), "utf8")).toBe("quick\nslow\nslow\nbehind\n");
  expect(await markedProcesses(`${JSON.parse(state).run.runId}/slow/1`)).toEqual([]);
});
