/** Councils on the command line, with a stand-in for Claude Code that speaks for every seat. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, jsonLines, mai } from "../support/test-io.ts";

/** Speaks as `position` for every seat, does any other task, and writes down each call. */
function scene(position: string, files: Readonly<Record<string, string>> = {}): string {
  const said = (object: object): string => JSON.stringify(JSON.stringify(object)).slice(1, -1);
  const perspective = said({
    position,
    content: "so",
    concerns: ["cost"],
    recommendations: ["Write notes.txt"],
  });
  const review = said({ position: "approve", content: "good" });
  const result = (text: string): string =>
    JSON.stringify({ type: "result", subtype: "success", is_error: false, result: "TEXT" }).replace(
      "TEXT",
      text,
    );
  const claude = `#!/bin/sh
prompt=$(cat)
case "$prompt" in
*"reviews the result"*) echo review >> calls; answer='${result(review)}' ;;
*"The council decides"*) echo perspective >> calls; answer='${result(perspective)}' ;;
*) echo work >> calls; echo x >> notes.txt; answer='${result("wrote it")}' ;;
esac
printf '%s\\n' "$answer"
`;
  const agents = ["general-purpose", "explore"].map(
    (id) => `  - { id: ${id}, backend: claude-code, executable: ./claude }`,
  );
  const cwd = folder({ claude, "mai.config.yaml": `agents:\n${agents.join("\n")}\n`, ...files });
  chmodSync(join(cwd, "claude"), 0o755);
  return cwd;
}

const callsIn = (cwd: string): string[] =>
  existsSync(join(cwd, "calls")) ? readFileSync(join(cwd, "calls"), "utf8").trim().split("\n").sort() : [];

test("mai council decides, has it done and reviewed, and keeps the session", async () => {
  const cwd = scene("approve", { "topic.md": "Whether to write notes\n" });

  const args = ["council", "topic.md", "--roster", "TechLead,Writer", "--execute", "--output", "sessions"];
  const { code, out, err } = await mai(cwd, args);

  expect(`${err}${out}`).toContain("Go ahead: Whether to write notes");
  expect(code).toBe(0);
  expect(out).toMatch(/unanimous consensus, confidence 86%; decision council-\w+-\w+-council/);
  expect(out).toContain("- [ ] Write notes.txt (owner: Unassigned, priority: high)");
  expect(out).toMatch(/approve +council\/item-1\/try-1/);
  expect(callsIn(cwd)).toEqual(["perspective", "perspective", "review", "review", "work"]);
  const files = readdirSync(join(cwd, "sessions")).sort();
  expect(files.map((file) => file.slice(-5))).toEqual([".json", "il.md"]);
  expect(out).toContain(`Session: sessions/${files[1]}`);

  const report = await mai(cwd, ["report"]);
  expect(report.out).toMatch(/council\/item-1\/try-1 \| unverified .* council-\w+-\w+-council/);
  expect((await mai(cwd, ["audit"])).code).toBe(0);

  const imported = await mai(cwd, ["import", `sessions/${files[1]}`, "--output", "plan.yaml"]);
  expect(imported).toMatchObject({ code: 0, out: "Wrote plan.yaml. Next: mai run plan.yaml\n" });
  expect((await mai(cwd, ["validate", "plan.yaml"])).code).toBe(0);
  expect(await mai(cwd, ["import", `sessions/${files[0]}`, "--output", "plan.yaml"])).toMatchObject({
    code: 4,
  });
  const printed = await mai(cwd, ["import", `sessions/${files[0]}`]);
  expect(printed.out).toBe(readFileSync(join(cwd, "plan.yaml"), "utf8"));
});

test("a council that is held ends with 1, says why, and nothing of it is done", async () => {
  const cwd = scene("block");

  const { code, out } = await mai(cwd, ["council", "Whether", "--rounds", "2", "--execute", "--roster", "A"]);

  expect(code).toBe(1);
  expect(out).toContain("Held: no consensus: A blocks: cost");
  expect(callsIn(cwd)).toEqual(["perspective", "perspective"]);
});

const plan = (council: string): string => `version: 1
tasks:
  - id: decide
    type: research
    description: Whether to write notes
    success_criteria: it is decided
    council: ${council}
  - id: after
    type: test
    description: look
    success_criteria: the notes are there
    command: test -s notes.txt
    depends_on: [decide]
`;

test("a council is a step of a plan: what depends on it waits for its work and its review", async () => {
  const cwd = scene("approve", {
    "plan.yaml": plan("{ roster: [A, { role: B, veto_power: true }], execute: true }"),
  });

  const dry = await mai(cwd, ["run", "plan.yaml", "--dry-run"]);
  const { code, out } = await mai(cwd, ["run", "plan.yaml", "--parallel", "1", "--json"]);

  expect(dry.out).toMatch(/decide +general-purpose \| explore/);
  expect(code).toBe(0);
  const lines = jsonLines(out);
  const ends = lines.filter(({ type }) => type === "task.succeeded").map(({ taskId }) => taskId);
  expect(ends.at(-2)).toBe("decide");
  expect(ends.at(-1)).toBe("after");
  expect(ends).toHaveLength(2 + 1 + 2 + 2);
  expect(lines.at(-1)).toMatchObject({ type: "run.finished", verdict: "unverified" });
});

test("a step that is held blocks what depends on it", async () => {
  const cwd = scene("defer", { "plan.yaml": plan("{ roster: [A], rounds: 1 }") });

  const { code, out } = await mai(cwd, ["run", "plan.yaml"]);

  expect(code).toBe(1);
  expect(out).toMatch(/decide +failed +.*held: no consensus: 0 of 1 approve/);
  expect(out).toMatch(/after +blocked/);
});

test("cancelling a council's task cancels what its panel still does", async () => {
  const cwd = scene("approve", { "plan.yaml": plan("{ roster: [A] }") });
  writeFileSync(join(cwd, "claude"), "#!/bin/sh\ncat > /dev/null\ntouch asked\nsleep 60\n");
  const run = mai(cwd, ["run", "plan.yaml"]);
  await expect.poll(() => existsSync(join(cwd, "asked")), { timeout: 20_000 }).toBe(true);

  const why = await mai(cwd, ["why", "decide"]);
  const cancelled = await mai(cwd, ["cancel", "decide"]);

  expect(why.out).toContain("its panel is at work");
  expect(cancelled.code).toBe(0);
  expect((await run).out).toMatch(/decide\/round-1\/a +cancelled/);
});

test("a pack's roster and its agent files are read, vetoes in either spelling", async () => {
  const cwd = scene("block");
  mkdirSync(join(cwd, "pack/Rosters"), { recursive: true });
  mkdirSync(join(cwd, "pack/Agents"));
  writeFileSync(join(cwd, "pack/Rosters/small.yaml"), "name: small\nagents: [Sec]\nlead: Sec\n");
  writeFileSync(
    join(cwd, "pack/Agents/sec.md"),
    "---\nname: Sec\nrole: Security\nvetoPower: true\n---\nLook hard.\n",
  );

  const { out } = await mai(cwd, ["council", "t", "--roster", "pack/Rosters/small.yaml", "--rounds", "1"]);

  expect(out).toContain("Held: veto of Sec: cost");
});

test.each([
  ["{ roster: [A, a] }", "two seats of the council have the same name"],
  ["{ roster: [{ role: A, agent: nobody }] }", "there is no agent `nobody`"],
  ["{ roster: [] }", "`roster` is empty"],
  ["{ rouds: 2 }", "unknown key `rouds`; did you mean `rounds`?"],
  ["{ rounds: 2 }\n    command: echo", "a task with a `council` can have no `command`"],
])("council: %s is refused with its place", async (council, message) => {
  const cwd = scene("approve", { "plan.yaml": plan(council) });

  const { code, err } = await mai(cwd, ["validate", "plan.yaml"]);

  expect(code).toBe(4);
  expect(err).toMatch(/plan\.yaml:\d+:\d+/);
  expect(err).toContain(message);
});

test.each([
  [["council", "t", "--rounds", "0"], "--rounds must be a whole number from 1"],
  [["council", "t", "--strategy", "loud"], "--strategy must be one of consensus, weighted, facilitator"],
  [["council", "t", "--roster", "none.yaml"], "The roster none.yaml does not exist"],
  [["council", " "], "topic must be a text that is not empty"],
  [["import", "none.md"], "none.md does not exist"],
])("%j is refused with 4", async (args, message) => {
  const { code, err } = await mai(scene("approve"), args);

  expect(code).toBe(4);
  expect(err).toContain(message);
});
