import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Agent, AgentContext } from "mai-orchestration-engine";
import { describe, expect, onTestFinished, test } from "vitest";
import { claudeCode, commandAgent, createCustody } from "../src/index.ts";
import { fixture, isAlive, until } from "./helpers.ts";
import { agentTask, newContext } from "./tasks.ts";

const isLinux = process.platform === "linux";
const agent = commandAgent({ id: "bash", capabilities: ["test"], maxConcurrent: 1 });
const adopt = agent.adopt as NonNullable<Agent["adopt"]>;
const source = fileURLToPath(new URL("../src/index.ts", import.meta.url));

/** Starts an attempt in an engine of its own process, which is killed once the file `runs` is there. */
async function leave(context: AgentContext, command: string): Promise<void> {
  const script = join(context.root, "engine.ts");
  const { workspace, root, outputFile, mark } = context;
  writeFileSync(
    script,
    `import { commandAgent } from ${JSON.stringify(source)};
    const agent = commandAgent({ id: "bash", capabilities: ["test"], maxConcurrent: 1 });
    const { signal } = new AbortController();
    const context = { ...${JSON.stringify({ workspace, root, outputFile, mark })}, signal, report() {} };
    await agent.run(${JSON.stringify(agentTask({ command }))}, context);`,
  );
  const engine: ChildProcess = spawn(process.execPath, ["--conditions=mai-source", script], {
    stdio: "inherit",
  });
  onTestFinished(() => createCustody().reap(mark));
  const ended = new Promise((resolve) => engine.once("exit", resolve));
  await until(() => existsSync(join(workspace, "runs")));
  engine.kill("SIGKILL");
  await ended;
}

const waits = "touch runs; until test -e go; do sleep 0.05; done";
const marked = (context: AgentContext): boolean => createCustody().isAlive?.(context.mark) === true;

describe.runIf(isLinux)("a command whose engine was killed", () => {
  test("is followed to its end while it lives", async () => {
    const context = newContext();
    await leave(context, `echo first; ${waits}; echo last`);

    const adopted = adopt(agentTask({ command: "x" }), context);
    await until(() => context.reports.length > 0);
    writeFileSync(join(context.workspace, "go"), "");

    expect(await adopted).toMatchObject({ type: "answered", output: "first\nlast\n" });
    expect(context.reports).toContainEqual({ message: "first" });
    expect(marked(context)).toBe(false);
  });

  test.each([
    ["exit 0", { type: "answered", output: "said\n" }],
    ["exit 3", { type: "failed", reason: "exit code 3: said" }],
    ["kill -9 $$", { type: "failed", reason: "ended by SIGKILL: said" }],
  ])("and that ended since, by %s, is settled from what it left", async (end, outcome) => {
    const context = newContext();
    await leave(context, `${waits}; echo said; ${end}`);
    writeFileSync(join(context.workspace, "go"), "");
    await until(() => !marked(context));

    expect(await adopt(agentTask({ command: "x" }), context)).toMatchObject(outcome);
  });

  test("and that was killed with all that watched it leaves nothing to tell", async () => {
    const context = newContext();
    await leave(context, waits);
    await createCustody().reap(context.mark);

    expect(await adopt(agentTask({ command: "x" }), context)).toBeNull();
  });

  test("ends when its adopter is told to stop, and what it says then is no answer for anybody", async () => {
    const context = newContext();
    await leave(context, `trap 'exit 0' TERM; echo $$ > pid; ${waits}`);
    const stop = new AbortController();

    const adopted = adopt(agentTask({ command: "x" }), { ...context, signal: stop.signal });
    await until(() => context.reports.length > 0 || existsSync(join(context.workspace, "pid")));
    stop.abort();

    expect(await adopted).toMatchObject({ type: "failed", reason: "ended on request" });
    expect(isAlive(Number(readFileSync(join(context.workspace, "pid"), "utf8")))).toBe(false);
    expect(await adopt(agentTask({ command: "x" }), context)).toBeNull();
  });
});

test("what was told to stop by its own engine leaves no answer", async () => {
  const context = newContext();
  const stop = new AbortController();
  const command = "trap 'exit 0' TERM; touch runs; while :; do sleep 0.05; done";
  const running = agent.run(agentTask({ command }), { ...context, signal: stop.signal });
  await until(() => existsSync(join(context.workspace, "runs")));
  stop.abort();

  expect(await running).toMatchObject({ type: "failed", reason: "ended on request" });
  expect(await adopt(agentTask({ command }), context)).toBeNull();
});

test("an attempt that never printed anything anywhere leaves nothing to tell", async () => {
  expect(await adopt(agentTask({ command: "x" }), newContext())).toBeNull();
});

test("Claude Code is settled from its result line, and from nothing less", async () => {
  const claude = claudeCode({ executable: fixture("fake-claude.mjs"), env: { CLAUDE_FAKE: "answer" } });
  const context = newContext();
  const said = await claude.run(agentTask({}), context);

  const left = await claude.adopt?.(agentTask({}), context);
  const whole = readFileSync(context.outputFile, "utf8").trimEnd().split("\n");
  writeFileSync(context.outputFile, `${whole.filter((line) => !line.includes('"result"')).join("\n")}\n`);
  const cut = await claude.adopt?.(agentTask({}), context);

  expect(said.type).toBe("answered");
  expect(left).toEqual(said);
  expect(cut).toBeNull();
});
