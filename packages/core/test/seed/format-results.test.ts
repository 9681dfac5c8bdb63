import fc from "fast-check";
import { expect, test } from "vitest";
import { createFarmResult } from "../../src/index.ts";
import { aggregateResults, formatResultsMarkdown } from "../../src/seed/index.ts";

test("the report has the original's layout, and says of every task what became of it", () => {
  const report = formatResultsMarkdown(
    aggregateResults([
      createFarmResult("types", "bash", "success", "ok", {
        verdict: "verified",
        artifacts: ["/src/auth.ts"],
        duration: 1_200,
      }),
      createFarmResult("unit", "bash", "failure", "3 failed", {
        verdict: "failed",
        reason: "npm test exited 1",
        issues: ["Bash was denied"],
        duration: 300,
      }),
      createFarmResult("docs", "none", "blocked", "", { verdict: "cancelled", reason: "failFast" }),
    ]),
  );

  expect(report).toBe(`## Orchestration Results

**Summary:** 3 tasks: 1 succeeded, 1 failed, 1 blocked (1 of them cancelled)

| Metric | Value |
|--------|-------|
| Success | 1 |
| Failed | 1 |
| Blocked | 1 |
| Cancelled (counted above) | 1 |
| Duration | 1500ms |

### Tasks

| Task | Status | Verdict | Reason |
|------|--------|---------|--------|
| types | success | verified | - |
| unit | failure | failed | npm test exited 1 |
| docs | blocked | cancelled | failFast |

### Artifacts

- /src/auth.ts

### Issues

- Bash was denied

### Next Steps

- Review failed tasks and address their issues
- Run cancelled tasks again if they are still wanted
`);
});

test("an empty batch says that nothing was completed and has no empty sections", () => {
  const report = formatResultsMarkdown(aggregateResults([]));

  expect(report).toContain("**Summary:** No tasks completed");
  expect(report).not.toContain("###");
});

test("a failure that states no reason is explained by the first line of its output", () => {
  const report = formatResultsMarkdown(
    aggregateResults([createFarmResult("t", "a", "failure", "\nTask not found: t\nstack ...")]),
  );

  expect(report).toContain("| t | failure | - | Task not found: t |");
});

test("what Markdown or HTML would read in a cell is escaped, and names with underscores stay readable", () => {
  const reason = "**a** | [b](c) <b> `d` \\ ~e~ &lt; _f_ run_tests";
  const report = formatResultsMarkdown(
    aggregateResults([createFarmResult("unit_tests", "a", "failure", "", { verdict: "failed", reason })]),
  );

  expect(report).toContain(
    "| unit_tests | failure | failed | \\*\\*a\\*\\* \\| \\[b\\](c) \\<b\\> \\`d\\` \\\\ \\~e\\~ \\&lt; \\_f\\_ run_tests |",
  );
});

test("whatever a task is called and whatever went wrong, it has exactly one row of four cells", () => {
  const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[|\\\n\r\t a]*$/));
  fc.assert(
    fc.property(fc.array(fc.tuple(anyText, anyText), { minLength: 1, maxLength: 4 }), (tasks) => {
      const results = tasks.map(([taskId, reason]) =>
        createFarmResult(taskId, "a", "failure", "", { verdict: "failed", reason }),
      );
      const [, table = ""] = formatResultsMarkdown(aggregateResults(results)).split("### Tasks\n\n");
      const [rows = ""] = table.split("\n\n");

      const lines = rows.split("\n").slice(2);
      expect(lines).toHaveLength(tasks.length);
      for (const line of lines) expect(unescapedBars(line)).toBe(5);
    }),
  );
});

test("an issue of several lines is one bullet", () => {
  const report = formatResultsMarkdown(
    aggregateResults([
      createFarmResult("t", "a", "success", "", { issues: ["denied:\n\n# rm -rf\u001b[31m /"] }),
    ]),
  );

  expect(report).toContain("\n- denied: # rm -rf [31m /\n");
});

/** Bars that separate cells: those behind an even number of backslashes. */
function unescapedBars(line: string): number {
  return [...line.matchAll(/(\\*)\|/g)].filter(([, slashes = ""]) => slashes.length % 2 === 0).length;
}
