/** How the README's code blocks become the programs that `npm run test:packed` compiles and runs. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../scripts/lib/repository.ts";
import { pairWithExpectations } from "../scripts/packed/expectations.ts";
import { programsOf } from "../scripts/packed/run-snippets.ts";
import { extractSnippets, wrapSnippet } from "../scripts/packed/snippets.ts";

const seedReadme = readFileSync(join(repositoryRoot, "test/packed/seed-readme.md"), "utf8");
const exported = [
  "AgentDispatcher",
  "LoggingEventHandler",
  "Orchestrator",
  "createFarmTask",
  "isOverallSuccess",
];

test("the seed README is kept byte for byte: it is the contract, and a formatter once changed its quotes", () => {
  const digest = createHash("sha256").update(seedReadme).digest("hex");

  expect(digest).toBe("da092c51359bac38a5ace64fa9cc2b5bfc404a66c1f648a2c725256dad449e20");
});

describe("extractSnippets", () => {
  test("finds every TypeScript block of the seed README, and no other block", () => {
    const headings = extractSnippets(seedReadme).map(({ heading }) => heading);

    expect(headings).toEqual([
      "Basic Task Execution",
      "Batch Execution",
      "Event Monitoring",
      "Agent Dispatcher",
      "State Persistence",
    ]);
    expect(seedReadme.match(/^```typescript$/gm)).toHaveLength(headings.length);
  });

  test("keeps a block as it is written, with its line, and takes no heading from inside a block", () => {
    const text = "# One\n\n```bash\n# not a heading\n```\n\n```ts\n// # nor this\nconst a = 1;\n```\n";

    expect(extractSnippets(text)).toEqual([{ heading: "One", line: 7, code: "// # nor this\nconst a = 1;" }]);
  });

  test("refuses a block that never ends", () => {
    expect(() => extractSnippets("```ts\nconst a = 1;\n")).toThrow("line 1");
  });
});

describe("wrapSnippet", () => {
  test("imports what a snippet uses and does not import itself", () => {
    const code = "const task = createFarmTask();\nif (isOverallSuccess(task)) console.log(task);";

    const wrapped = wrapSnippet(code, {}, "pack", exported);

    expect(wrapped).toBe(`import { createFarmTask, isOverallSuccess } from "pack";\n${code}\n\nexport {};\n`);
  });

  test("imports nothing twice, and nothing that is only mentioned", () => {
    const code = [
      "import { Orchestrator } from 'pack';",
      "// createFarmTask makes a task",
      "const isOverallSuccess = new Orchestrator().createFarmTask;",
    ].join("\n");

    expect(wrapSnippet(code, {}, "pack", exported)).toBe(`${code}\n\nexport {};\n`);
  });

  test("puts a preamble before and an epilogue behind, and imports what these use", () => {
    const surroundings = { preamble: "const o = new Orchestrator();", epilogue: "createFarmTask(o);" };

    const wrapped = wrapSnippet("o.run();", surroundings, "pack", exported);

    expect(wrapped.split("\n")[0]).toBe('import { Orchestrator, createFarmTask } from "pack";');
    expect(wrapped.indexOf("new Orchestrator")).toBeLessThan(wrapped.indexOf("o.run()"));
    expect(wrapped.indexOf("o.run()")).toBeLessThan(wrapped.indexOf("createFarmTask(o)"));
  });
});

describe("programsOf", () => {
  test("makes one program per snippet and one of the whole README, each with every line of its snippet", () => {
    const snippets = extractSnippets(seedReadme);

    const programs = programsOf(snippets, exported);

    expect(programs.map(({ name }) => name)).toEqual([
      "basic-task-execution",
      "batch-execution",
      "event-monitoring",
      "agent-dispatcher",
      "state-persistence",
      "whole-readme",
    ]);
    for (const [index, { code }] of snippets.entries()) {
      expect(programs[index]?.source).toContain(code);
      expect(programs.at(-1)?.source).toContain(code);
    }
  });

  test("every program expects something to be printed", () => {
    for (const { prints } of programsOf(extractSnippets(seedReadme), exported))
      expect(prints).not.toEqual([]);
  });

  test("refuses a snippet of which nothing is expected, and an expectation without its snippet", () => {
    const snippets = extractSnippets(seedReadme);

    const unknown = { heading: "New Section", line: 1, code: "" };
    expect(() => pairWithExpectations([...snippets, unknown])).toThrow("line 1");
    expect(() => pairWithExpectations(snippets.slice(1))).toThrow("Basic Task Execution");
  });
});
