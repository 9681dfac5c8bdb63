/** Configurations that are programs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { agentsFrom } from "../../src/agents/agents-from.ts";
import { capacityOf } from "../../src/config/agent-setting.ts";
import { type Config, loadConfig } from "../../src/config/load-config.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mai-config-"));
  mkdirSync(join(folder, ".git"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(name: string, text: string): Promise<Config> {
  writeFileSync(join(folder, name), text);
  return loadConfig(folder, folder);
}

const greeter = `{
  id: "greeter", name: "Greeter", capabilities: ["research"], maxConcurrent: 2, currentLoad: 0, backend: "function",
  run: async (task) => "hello " + task.taskId,
}`;
const text = `export default { parallel: 3, agents: [${greeter}, { id: "bash", max_concurrent: 7 }] };\n`;

test.each([
  ["mai.config.mjs", text],
  ["mai.config.ts", `const parallel: number = 3;\n${text.replace("parallel: 3", "parallel")}`],
])("%s gives data and agents that were made there", async (name, written) => {
  const { file, agents, parallel } = await load(name, written);

  expect({ file, parallel }).toEqual({ file: join(folder, name), parallel: 3 });
  expect(agents.map(({ agentId, maxConcurrent }) => [agentId, maxConcurrent])).toEqual([
    ["general-purpose", 5],
    ["bash", 7],
    ["explore", 5],
    ["greeter", 2],
  ]);
  const made = agents[3];
  expect(made && capacityOf(made)).toMatchObject({
    capabilities: ["research"],
    prose: true,
    commands: false,
  });
  expect(agentsFrom(agents)[3]).toMatchObject({ agentId: "greeter", backend: "function" });
});

test("an agent that was made there takes the place of a default of its id", async () => {
  const { agents } = await load(
    "mai.config.mjs",
    `export default { agents: [${greeter.replace('"greeter"', '"explore"')}] };`,
  );

  expect(agents).toHaveLength(3);
  expect(agentsFrom(agents)[2]).toMatchObject({ agentId: "explore", backend: "function", maxConcurrent: 2 });
});

test.each([
  ["exports no default", "export const agents = [];", /mai\.config\.mjs: exports no default/],
  ["throws", 'throw new Error("no key");', /mai\.config\.mjs: cannot be run: no key/],
  ["is no JavaScript", "export default {", /mai\.config\.mjs: cannot be run: /],
  [
    "has a key that nobody knows",
    "export default { paralel: 1 };",
    /unknown key `paralel`; did you mean `parallel`/,
  ],
  [
    "names an agent twice",
    `export default { agents: [${greeter}, { id: "greeter", backend: "codex", capabilities: ["test"], max_concurrent: 1 }] };`,
    /the agent `greeter` is described twice/,
  ],
])("one that %s is refused", async (_what, written, message) => {
  await expect(load("mai.config.mjs", written)).rejects.toMatchObject({
    code: "config.invalid",
    message: expect.stringMatching(message),
  });
});

test("a mistake beside an agent that was made there is told under its own number", async () => {
  const error: Error = await load(
    "mai.config.mjs",
    `export default { agents: [${greeter}, { id: "x!" }] };`,
  ).then(
    () => new Error("not refused"),
    (reason) => reason,
  );

  expect(error.cause).toEqual(
    expect.arrayContaining([expect.objectContaining({ path: ["agents", 1, "id"] })]),
  );
});

test("two configurations in one folder are refused, whatever they are", async () => {
  writeFileSync(join(folder, "mai.config.yaml"), "");

  await expect(load("mai.config.mjs", text)).rejects.toMatchObject({
    message: expect.stringContaining("side by side"),
  });
});
