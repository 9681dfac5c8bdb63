import { chmodSync } from "node:fs";
import { join } from "node:path";
import { claudeCodeAgent } from "mai-orchestration-agents";
import { createFarmTask } from "mai-orchestration-core/seed";
import { memoryStore, systemClock } from "mai-orchestration-engine";
import { expect, test } from "vitest";
import { startRun } from "../../src/index.ts";
import { folder, mai, planText } from "../support/test-io.ts";

test("a command that prints within its idle timeout goes on, one that is silent for longer is ended", async () => {
  const plan = planText({
    talks: { command: "for i in 1 2 3 4 5 6 7 8; do printf .; sleep 0.5; done", idle_timeout: "3s" },
    silent: { command: "echo once; sleep 300", idle_timeout: "3s" },
  });

  const { code, out } = await mai(folder({ "plan.json": plan }), ["run", "plan.json"]);

  expect(code).toBe(1);
  expect(out).toMatch(/talks +unverified/);
  expect(out).toMatch(/silent +failed.*silent for 3\.0s/);
});

test("Claude Code is not silent while it prints lines that mean nothing to us", async () => {
  const root = folder({
    claude: `#!/bin/sh
cat > /dev/null
for i in 1 2 3 4 5 6 7 8; do echo '{"type":"system","subtype":"status"}'; sleep 0.5; done
echo '{"type":"result","subtype":"success","is_error":false,"result":"done"}'
# Lingers, as the program does at times: its work is over, and its silence means nothing.
sleep 1.5
`,
  });
  const executable = join(root, "claude");
  chmodSync(executable, 0o755);
  const agent = claudeCodeAgent({ id: "claude", capabilities: ["research"], maxConcurrent: 1, executable });
  const task = { ...createFarmTask("research", "Explain", "it is explained"), idleTimeout: 3_000 };

  const { finished } = await startRun({
    store: memoryStore(systemClock),
    agents: [agent],
    name: null,
    tasks: [task],
    root,
    parallel: null,
    failFast: false,
    timeoutMs: null,
  });

  expect(await finished).toMatchObject({
    verdict: "unverified",
    results: [{ status: "success", attempts: 1 }],
  });
});
