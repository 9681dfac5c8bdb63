import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { storeWords } from "../../src/cli/store/store-words.ts";
import { folder, jsonLines, mai, planText, startMai, testIo } from "../support/test-io.ts";

/** The words of the first printed command line that starts so. */
function printed(text: string, start: string): string[] {
  const line = new RegExp(`mai (${start}.*?)(?:  |\`|$)`, "m").exec(text)?.[1] ?? "";
  return line.split(" ").map((word) => word.replaceAll("'", ""));
}

test("what a summary says to type next means the run that ended, although an older one is open", async () => {
  const cwd = folder({
    "slow.json": planText({ e: "sleep 30" }),
    "bad.json": planText({ e: "echo mine; exit 1" }),
  });
  const open = startMai(cwd, ["run", "slow.json"]);
  await open.prints("attempt 1 started");
  open.child.kill("SIGINT");
  await open.ended;

  const { out } = await mai(cwd, ["run", "bad.json"]);

  expect((await mai(cwd, printed(out, "logs"))).out).toBe("mine\n");
  expect((await mai(cwd, printed(out, "why"))).out).toContain("e: failed");
});

test("a plan in another folder makes hints that name its store, and they work from here", async () => {
  const cwd = folder();
  const place = join(cwd, "it's here");
  mkdirSync(place);
  mkdirSync(join(cwd, "other"));
  writeFileSync(join(cwd, "other", "p.json"), planText({ e: "echo mine; exit 1" }));
  writeFileSync(join(cwd, "other", "slow.json"), planText({ e: "sleep 30" }));

  const { out } = await mai(cwd, ["run", "other/p.json"]);
  const slow = startMai(cwd, ["run", "other/slow.json", "--json"]);
  await slow.prints("attempt.started");
  slow.child.kill("SIGINT");
  await slow.ended;
  const resume = String(jsonLines(slow.out()).at(-1)?.["resume"]);

  expect((await mai(cwd, printed(out, "logs"))).out).toBe("mine\n");
  expect(resume).toContain(` --store ${join(cwd, "other", ".mai", "mai.db")}`);
  expect(await storeWords(join(place, "s.db"), testIo(cwd).io)).toBe(` --store '${cwd}/it'\\''s here/s.db'`);
});

test("--detach names the store in its hints where a verb would not find it by itself", async () => {
  const cwd = folder({ "p.json": planText({ a: "true" }) });

  const here = await mai(cwd, ["run", "p.json", "--detach"]);
  const there = await mai(cwd, ["run", "p.json", "--detach", "--store", "o.db"]);

  expect(here.err).not.toContain("--store");
  const attach = printed(there.err, "attach");
  expect(attach.slice(2)).toEqual(["--store", join(cwd, "o.db")]);
  expect((await mai(cwd, attach)).code).toBe(0);
  expect((await mai(cwd, ["attach", here.out.trim()])).code).toBe(0);
});

test("a task of a run that a person stopped waits for resume, says why, and its cancellation is told once", async () => {
  const plan = planText({ e: "sleep 30", z: { command: "true", depends_on: ["e"] } });
  const cwd = folder({ "p.json": plan });
  const run = startMai(cwd, ["run", "p.json"]);
  await run.prints("attempt 1 started");
  run.child.kill("SIGINT");
  await run.ended;

  const e = await mai(cwd, ["why", "e"]);
  const z = await mai(cwd, ["why", "z"]);
  await mai(cwd, ["cancel"]);
  const cancelled = await mai(cwd, ["why", "e"]);

  expect(e.out).toMatch(
    /^e: its run was stopped by a person \(Ctrl-C\); it waits for `mai resume run-\S+`\n/,
  );
  expect(e.out).toContain("attempt 1 interrupted, which does not count");
  expect(z.out).toMatch(/^z: its run was stopped by a person.*\n {2}it waits for 1 dependency: e/);
  expect(cancelled.out).toMatch(/^e: cancelled by mai cancel \(after 1 attempt\)/);
  expect((await mai(cwd, ["status"])).out).toMatch(/e +cancelled .* by mai cancel$/m);
  for (const verb of [["why", "e"], ["status"], ["report"], ["events"]]) {
    expect((await mai(cwd, verb)).out).not.toMatch(/cancelled\W+cancelled/);
  }
});
