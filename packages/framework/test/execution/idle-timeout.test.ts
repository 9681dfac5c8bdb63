import { chmodSync } from "node:fs";
import { join } from "node:path";
import { claudeCodeAgent } from "mai-orchestration-agents";
import { createFarmTask } from "mai-orchestration-core/seed";
import { memoryStore, systemClock } from "mai-orchestration-engine";
import { expect, test } from "vitest";
import { type Execution, startRun } from "../../src/index.ts";
import { folder, jsonLines, mai, planText } from "../support/test-io.ts";

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

test("a command that says nothing and works is not stalled; the journal says what was judged, and why", async () => {
  const busy = "i=0; until [ -e enough ]; do i=$((i + 1)); done";
  const cwd = folder({
    "plan.json": planText({
      busy: { command: busy, idle_timeout: "800ms" },
      writes: { command: "for i in 1 2 3 4 5 6 7 8; do echo $i > file; sleep 0.4; done", idle_timeout: "1s" },
      waits: { command: "sleep 300", idle_timeout: "800ms" },
      last: { command: "touch enough", depends_on: ["writes"] },
    }),
  });

  const { code } = await mai(cwd, ["run", "plan.json"]);

  const { out } = await mai(cwd, ["events", "--json"]);
  const events = jsonLines(out);
  const ends = Object.fromEntries(
    events.flatMap(({ type, taskId }) => (/^task\.(succ|fail)/.test(`${type}`) ? [[taskId, type]] : [])),
  );
  expect(code).toBe(1);
  expect(ends).toEqual({
    busy: "task.succeeded",
    writes: "task.succeeded",
    waits: "task.failed",
    last: "task.succeeded",
  });
  const quiet = events.filter(({ type, taskId }) => type === "attempt.progressed" && taskId === "busy");
  expect(quiet).toHaveLength(1);
  expect(quiet[0]?.["message"]).toMatch(/^quiet for .* but alive: CPU or I\/O of its processes$/);
  const failure = events.find(({ type, taskId }) => type === "task.failed" && taskId === "waits");
  expect(failure?.["reason"]).toMatch(
    /^silent for 800ms: no output yet, no call under way, (no|last) CPU or I\/O.*, workspace change not known$/,
  );
});

test("Claude Code may wait for a tool as long as the tool takes", async () => {
  const root = folder({
    claude: `#!/bin/sh
cat > /dev/null
echo '{"type":"assistant","message":{"content":[{"type":"tool_use","id":"1","name":"Bash","input":{"command":"x"}}]}}'
sleep 3
echo '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"1","content":"ok"}]}}'
test -e again || { touch again; sleep 300; }
echo '{"type":"result","subtype":"success","is_error":false,"result":"done"}'
`,
  });
  const { finished } = await start(root, 1_000);

  expect(await finished).toMatchObject({
    results: [{ status: "success", attempts: 2 }],
  });
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
  const { finished } = await start(root, 3_000);

  expect(await finished).toMatchObject({
    verdict: "unverified",
    results: [{ status: "success", attempts: 1 }],
  });
});

/** One task in prose, for the program `claude` in `root`. */
async function start(root: string, idleTimeout: number): Promise<Execution> {
  const executable = join(root, "claude");
  chmodSync(executable, 0o755);
  const agent = claudeCodeAgent({ id: "claude", capabilities: ["research"], maxConcurrent: 1, executable });
  const task = {
    ...createFarmTask("research", "Explain", "it is explained"),
    idleTimeout,
    retry: { backoff: 10 },
  };
  return await startRun({
    store: memoryStore(systemClock),
    agents: [agent],
    name: null,
    tasks: [task],
    root,
    parallel: null,
    failFast: false,
    timeoutMs: null,
  });
}
