import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, mai, planText, startMai } from "../support/test-io.ts";

const token = `${"ghp"}_${"aB3dE6gH9k".repeat(4).slice(0, 36)}`;
const value = "hunter2-of-the-agent";
const files = {
  "found.txt": `export TOKEN=${token}\n`,
  "mai.config.yaml": `agents: [{ id: shell, backend: command, capabilities: [test], max_concurrent: 3, env: { DEPLOY_TOKEN: ${value} } }]\n`,
};

/** All that the engine has kept, as one text. */
function keptIn(cwd: string): string {
  return readdirSync(join(cwd, ".mai"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

test("what a command and its check print of secrets is nowhere under .mai, and in nothing that mai prints", async () => {
  const command = 'cat found.txt; echo "to $DEPLOY_TOKEN"; exit 1';
  const check = "cat found.txt; exit 1";
  const plan = planText({
    a: { command, type: "test", agent: "shell" },
    b: { command: "cat found.txt", verify: [check], type: "test", agent: "shell" },
    c: { command: "cat found.txt", verify: ["cat found.txt"], type: "test", agent: "shell" },
  });
  const cwd = folder({ ...files, "plan.json": plan });

  const run = await mai(cwd, ["run", "plan.json"]);
  const looks = await Promise.all(
    [
      ["logs", "a"],
      ["logs", "b", "-f"],
      ["status", "--json"],
      ["events", "--json"],
      ["why", "b"],
    ].map((args) => mai(cwd, args)),
  );

  const seen = [run, ...looks].map(({ out, err }) => out + err).join("\n");
  expect(run.code).toBe(1);
  for (const text of [keptIn(cwd), seen]) {
    expect(text).not.toContain(token);
    expect(text).not.toContain(value);
    expect(text).toContain("export TOKEN=[redacted]");
  }
  expect(looks[0]?.out).toBe(`export TOKEN=[redacted]${"*".repeat(30)}\nto [redacted]**********\n`);
});

test("whoever follows an attempt while it runs sees no secret either", async () => {
  const command = "cat found.txt; until [ -e go ]; do sleep 0.05; done; cat found.txt";
  const cwd = folder({ ...files, "plan.json": planText({ a: { command, type: "test", agent: "shell" } }) });
  const run = startMai(cwd, ["run", "plan.json"]);
  await run.prints("shell");
  const follower = startMai(cwd, ["logs", "a", "-f"]);

  await follower.prints("export TOKEN=[redacted]");
  writeFileSync(join(cwd, "go"), "");

  expect(await run.ended).toBe(0);
  expect(await follower.ended).toBe(0);
  const line = `export TOKEN=[redacted]${"*".repeat(30)}\n`;
  expect(follower.out()).toBe(line + line);
});
