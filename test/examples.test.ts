import { spawnSync } from "node:child_process";
import { globSync, mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { checkAgents } from "mai-orchestration-core/plan";
import { capacityOf, loadConfig, loadPlan } from "mai-orchestration-framework";
import { expect, test } from "vitest";
import { repositoryRoot } from "../scripts/lib/repository.ts";

const plans = globSync(join(repositoryRoot, "examples/*/plan*.{yaml,yml,json}")).map((file) =>
  relative(repositoryRoot, file),
);

test("there are examples", () => {
  expect(plans).toContain("examples/claude-code/plan.yaml");
  expect(plans).toContain("examples/council/plan.yaml");
  expect(plans).toContain("examples/first-run/plan.yaml");
});

test.each(plans)("%s can be done by the agents that are configured for it", async (path) => {
  const { plan, folder, locate } = await loadPlan(join(repositoryRoot, path), async () => "");
  const { agents } = await loadConfig(folder);

  expect(checkAgents(plan.tasks, agents.map(capacityOf), locate)).toEqual([]);
});

test.each(plans)("every command in %s is one that a shell can read", async (path) => {
  const { plan } = await loadPlan(join(repositoryRoot, path), async () => "");
  const commands = plan.tasks.flatMap(({ command, verify = [] }) => [
    ...(command === undefined ? [] : [command]),
    ...verify.map((check) => check.command),
  ]);

  for (const command of commands) {
    const { status, stderr } = spawnSync("sh", ["-n", "-c", command], { encoding: "utf8" });
    expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: "" });
  }
});

test("the first run draws who imports whom, and its check holds the map against the manifests", () => {
  const run = (...words: string[]): number | null =>
    spawnSync(process.execPath, words, { cwd: repositoryRoot, stdio: "ignore" }).status;
  mkdirSync(join(repositoryRoot, "examples/first-run/out"), { recursive: true });

  expect(run("examples/first-run/write-module-map.mjs", "examples/first-run/out/module-map.md")).toBe(0);
  expect(run("examples/first-run/check.mjs", "module-map")).toBe(0);
});

test("the council of scripted agents decides, works and reviews", () => {
  const program = join(repositoryRoot, "examples/council/council.mjs");

  const { status, stdout, stderr } = spawnSync(process.execPath, ["--conditions=mai-source", program], {
    encoding: "utf8",
  });

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toBe(`Round 1: ProductManager approve, TechLead approve, SecurityEngineer block
Round 2: ProductManager approve, TechLead approve, SecurityEngineer approve
Go ahead: Where do we keep the sessions of our users? (unanimous, 95%)
- Keep sessions in a table (Unassigned, high)
Review: Keep sessions in a table: approve after 2 tries
`);
});
