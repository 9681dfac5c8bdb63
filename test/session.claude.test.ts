/**
 * Sessions of the real Claude Code that hand out work with our plugin, and lose their memory, their process or their
 * engine in the middle. What the model does is scripted; what it is told is looked at.
 */

import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HeldAttempt } from "mai-orchestration-engine";
import { claudeOrNull, type FakeStep } from "mai-orchestration-testkit";
import { describe, expect, test } from "vitest";
import { openSessionProject, plugin, type SessionProject } from "./support/claude-session.ts";

const claude = await claudeOrNull();
const users = "# Mine\r\nwords of the user, without a line end at the end";
const quick = ["a", "b", "c"];
const slow = ["d", "e", "f"];

/** Six tasks: three end at once, three when the file `go` is there. Each leaves one line when it is done. */
const tasks = [...quick, ...slow].map((id) => ({
  ...{ id, type: "test", description: `Do ${id}`, success_criteria: "it says so" },
  command: `${slow.includes(id) ? "while [ ! -e go ]; do sleep 0.05; done; " : ""}echo ${id} >> ran.txt; echo did ${id}`,
}));

const step = (tool: string, input: Readonly<Record<string, unknown>>, more: FakeStep = {}): FakeStep => ({
  tool: `mcp__plugin_mai_mai__${tool}`,
  ...{ input, ...more },
});
const submit = step("submit", { key: "six", name: "six", tasks });
const waitLong = step("status", { wait_seconds: 60 });
const done: FakeStep = { text: "Done." };
/** So much that Claude Code compacts before the next turn. */
const full = { usage: { input: 99_500 } };
const compacting = ["--autocompact", "100000"];
const untilHalf: FakeStep = {
  tool: "Bash",
  input: {
    command: "until node_modules/.bin/mai brief | grep '3/6 ended'; do true; done",
    description: "wait",
  },
};

describe.skipIf(claude === null)("a session that hands out six tasks", () => {
  test("is compacted in the middle, knows what runs, collects each result once and starts nothing twice", async () => {
    await using project = await projectWithNotes();
    // Three have ended when the conversation is compacted, and three wait for the file.
    const session = project.talk(
      [submit, untilHalf, step("status", {}, full), submit, waitLong, step("results", {}), done],
      compacting,
    );
    await until(() => session.lines().some(({ subtype }) => subtype === "compact_boundary"));
    project.write("go", "");

    expect(await session.ended).toBe(0);
    const [first, , , again, status, results] = session.answers().map(({ answer }) => answer);
    const run = first?.["runId"];
    expect(again).toMatchObject({ ok: true, runId: run });
    expect(status).toMatchObject({ ok: true, runId: run, state: "unverified", ended: 6 });
    expect(outputs(results)).toEqual([...quick, ...slow].map((id) => `did ${id}\n`));
    expect(ran(project)).toEqual([...quick, ...slow]);

    const told = briefIn(project, "Ended since");
    expect(told).toContain(`- ${run} (six): goes on in process `);
    expect(told).toContain("3/6 ended (3 unverified); 3 running: d, e, f");
    expect(told).toMatch(/Ended since the last brief:\n- run-\S+: 3 succeeded: [abc], [abc], [abc]\n/);
    keepsNotes(project);
  });

  test("is killed and resumed, and learns what ended meanwhile", async () => {
    await using project = await projectWithNotes();
    const id = randomUUID();
    const first = project.talk([submit, waitLong, done], ["--session-id", id]);
    await until(() => first.answers().length === 1);
    first.child.kill("SIGKILL");
    await first.ended;
    project.write("go", "");
    await until(() => countRan(project) === 6);
    await untilEnded(project);

    const second = project.talk([submit, step("results", {}), done], ["--resume", id]);
    expect(await second.ended).toBe(0);

    const run = first.answers()[0]?.answer["runId"];
    const [again, results] = second
      .answers()
      .slice(-2)
      .map(({ answer }) => answer);
    expect(again).toMatchObject({ ok: true, runId: run });
    expect(outputs(results)).toHaveLength(6);
    expect(ran(project)).toEqual([...quick, ...slow]);
    expect(briefIn(project, "Ended since")).toContain(`- ${run} (six): finished unverified; 6/6 ended`);
    expect(JSON.parse(project.mai("ps", "--json").trim())).toMatchObject({ runId: run });
  });

  test("loses its engine, is told so, and lets the run go on without doing again what ended", async () => {
    await using project = await projectWithNotes();
    const id = randomUUID();
    const first = project.talk([submit, done], ["--session-id", id]);
    expect(await first.ended).toBe(0);
    await until(() => countRan(project) === 3);
    const [held] = await untilHeld(project);
    process.kill(held?.worker.pid ?? 0, "SIGKILL");
    await until(() => project.mai("brief").includes("its engine has died"));

    const second = project.talk([step("resume", {}), waitLong, step("results", {}), done], ["--resume", id]);
    // What outlived the dead engine is gone on with by the next one.
    await untilHeld(project, held?.worker.workerId);
    project.write("go", "");
    expect(await second.ended).toBe(0);

    const [resumed, status, results] = second
      .answers()
      .slice(-3)
      .map(({ answer }) => answer);
    expect(resumed).toMatchObject({ ok: true, runId: first.answers()[0]?.answer["runId"] });
    expect(status).toMatchObject({ ok: true, ended: 6, state: "unverified" });
    expect(outputs(results)).toHaveLength(6);
    expect(ran(project)).toEqual([...quick, ...slow]);
    expect(briefIn(project, "its engine has died")).toContain("Wait for a decision");
  });
});

describe.skipIf(claude === null)("the plugin", () => {
  test("is valid, is installed beside what is there, and goes away again", async () => {
    await using project = await projectWithNotes();
    const settings = join(project.home, ".claude", "settings.json");
    const before = { model: "sonnet", env: { A: "1" }, hooks: { Stop: [] } };
    writeFileSync(settings, JSON.stringify(before));
    const install = (...flags: string[]): string =>
      execFileSync("sh", [join(plugin, "install.sh"), ...flags], {
        encoding: "utf8",
        env: { PATH: process.env["PATH"] ?? "", HOME: project.home, CLAUDE: claude?.executable ?? "" },
      });
    const read = (): Record<string, unknown> => JSON.parse(readFileSync(settings, "utf8"));

    expect(project.claude("plugin", "validate", plugin)).toContain("Validation passed");
    expect(install()).toContain("A dry run; nothing is changed.");
    expect(read()).toEqual(before);
    install("--apply");
    expect(read()).toMatchObject({ ...before, enabledPlugins: { "mai@mai": true } });
    const copies = readdirSync(join(project.home, ".claude")).filter((name) => name.includes(".before-mai-"));
    expect(copies).toHaveLength(1);
    install("--uninstall");
    expect(read()).toEqual({ ...before, enabledPlugins: {}, extraKnownMarketplaces: {} });
  });
});

async function projectWithNotes(): Promise<SessionProject> {
  if (claude === null) throw new Error("There is no Claude Code");
  const project = await openSessionProject(claude);
  project.write("CLAUDE.local.md", users);
  return project;
}

function keepsNotes(project: SessionProject): void {
  const text = project.read("CLAUDE.local.md");
  expect(text.startsWith(users)).toBe(true);
  expect(text.slice(users.length)).toMatch(/^\r\n<!-- mai:state [\s\S]*<!-- mai:state end -->\r\n$/);
}

/** What a session was told by our hook, in the newest request that holds this. */
function briefIn(project: SessionProject, part: string): string {
  const told = project.model.requests.filter(({ heard }) => heard.includes(part)).at(-1)?.heard ?? "";
  const at = told.lastIndexOf("mai: what the store", told.indexOf(part));
  return told.slice(at);
}

/** In the order in which they were done, the quick ones sorted, and the slow ones. */
function ran(project: SessionProject): string[] {
  const lines = project.read("ran.txt").trim().split("\n");
  return [...lines.slice(0, 3).sort(), ...lines.slice(3).sort()];
}

function countRan(project: SessionProject): number {
  return project.has("ran.txt") ? project.read("ran.txt").split("\n").length - 1 : 0;
}

function outputs(answer: Readonly<Record<string, unknown>> | undefined): string[] {
  const results = answer?.["results"] as { readonly output: string }[];
  return results.map(({ output }) => output).sort();
}

/** Resolves the running attempts once there are three of them, none of which a dead worker holds. */
async function untilHeld(project: SessionProject, dead?: string): Promise<readonly HeldAttempt[]> {
  let held: readonly HeldAttempt[] = [];
  await until(async () => {
    held = (await project.look((store) => store.held())).filter(({ worker }) => worker.workerId !== dead);
    return held.length === slow.length;
  });
  return held;
}

async function untilEnded(project: SessionProject): Promise<void> {
  await until(() => project.look(async (store) => (await store.runs())[0]?.finishedAt !== null));
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + 170_000;
  while (!(await holds())) {
    if (Date.now() > limit) throw new Error("It did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
