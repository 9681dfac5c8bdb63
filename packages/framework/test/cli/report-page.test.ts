/** The page of a run: whole by itself, with every task, and nothing that a plan or an agent says becomes markup. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { htmlText } from "../../src/cli/report/html-text.ts";
import { repository, writeFiles } from "../support/repository.ts";
import { folder, jsonLines, mai, planText } from "../support/test-io.ts";

const evil = `</pre></title><script>alert(1)</script><img src=x onerror="alert(1)">'"&`;

test("the page names every task with attempts, checks, change and reasons, and needs nothing else", async () => {
  const cwd = repository({ ".gitignore": "plan.json\ntried\n", "a.txt": "a\n" });
  const plan = planText(
    {
      good: { command: "echo 1 > one", verify: ["test -e one"] },
      twice: {
        command: "echo x > two; test -e tried || { touch tried; exit 1; }",
        retry: { max_attempts: 2, backoff: "1ms" },
      },
      bad: { command: "printf '%s' \"$EVIL\"; exit 3", env: { EVIL: evil }, description: evil },
      after: { command: "true", depends_on: ["bad"] },
      next: { command: "true", depends_on: ["good"] },
    },
    { name: evil, defaults: { isolation: "worktree" } },
  );
  writeFiles(cwd, { "plan.json": plan });
  await mai(cwd, ["run", "plan.json"]);

  const { code, out } = await mai(cwd, ["report", "--html", "report.html"]);

  expect(code).toBe(0);
  expect(out).toBe(`${join(cwd, "report.html")}\n`);
  const page = readFileSync(join(cwd, "report.html"), "utf8");
  for (const id of ["good", "twice", "bad", "after", "next"]) expect(page).toContain(`<h3>${id}</h3>`);
  expect(page).toContain("test -e one");
  expect(page).toContain("1 file +1 -0");
  expect(page).toContain("its work is salvaged in refs/mai/salvage/");
  expect(page).toContain("Waited for: bad");
  expect(page.match(/<rect class="bar /g)?.length).toBe(5);
  expect(page.match(/<path class="edge"/g)?.length).toBe(1);
  expect(page).not.toMatch(/<script|<img|<link|https?:|url\(|onerror="/);
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
});

test("no text becomes markup, and what cannot stand in a page is left out", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const written = htmlText(`${text}\u0000\u0007`);

      expect(written).not.toMatch(/[<>"']/);
      expect(written.replace(/&(?:amp|lt|gt|quot|#39);/g, "")).not.toContain("&");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
      expect(written).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
      expect(written.isWellFormed()).toBe(true);
    }),
  );
});

test("where proof is required, a success without checks is none, in the run, its report and its continuation", async () => {
  const cwd = folder({
    "plan.json": planText({ a: "true" }),
    "good.json": planText({ a: { command: "true", verify: ["true"] } }),
  });

  const loose = await mai(cwd, ["run", "plan.json", "--json"]);
  const strict = await mai(cwd, ["run", "plan.json", "--require-verified"]);
  const report = await mai(cwd, ["report", "--require-verified"]);
  const resumed = await mai(cwd, [
    "resume",
    String(jsonLines(loose.out)[0]?.["runId"]),
    "--require-verified",
  ]);
  const good = await mai(cwd, ["run", "good.json", "--require-verified"]);
  const dry = await mai(cwd, ["run", "plan.json", "--require-verified", "--dry-run"]);

  expect([loose.code, strict.code, report.code, resumed.code]).toEqual([0, 1, 1, 1]);
  expect(good.code).toBe(0);
  expect((await mai(cwd, ["report", "--require-verified"])).code).toBe(0);
  expect(dry.code).toBe(4);
});
