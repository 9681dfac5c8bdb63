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
