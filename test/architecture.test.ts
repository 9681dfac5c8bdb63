/** A rule that nobody saw refuse anything is only a hope: here each one refuses a violation planted for it. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findViolations } from "../scripts/check-architecture.ts";
import { repositoryRoot } from "../scripts/lib/repository.ts";

interface Planted {
  readonly what: string;
  readonly path: string;
  readonly source: string;
  /** The rule of `check-architecture` that refuses it, where it is that script's to hold. */
  readonly script?: string;
  /** The rule of Biome that refuses it, where it is Biome's to hold. */
  readonly biome?: string;
}

const planted: readonly Planted[] = [
  {
    what: "core imports a module of the runtime",
    path: "packages/core/src/reads-files.ts",
    source: `import { readFileSync } from "node:fs";\nexport const text: string = readFileSync("x", "utf8");\n`,
    script: "purity",
    biome: "lint/correctness/noNodejsModules",
  },
  {
    what: "an agent starts a program past the runner",
    path: "packages/agents/src/starts-program.ts",
    source: `import { spawn } from "node:child_process";\nexport const start: unknown = spawn;\n`,
    script: "process",
  },
  {
    what: "a verb asks the process for its folder",
    path: "packages/framework/src/cli/verbs/asks-process.ts",
    source: "export const cwd: string = process.cwd();\n",
    script: "process",
  },
  {
    what: "engine imports a module of Bun",
    path: "packages/engine/src/reads-bun.ts",
    source: `import { Database } from "bun:sqlite";\nexport const database: unknown = Database;\n`,
    script: "purity",
    biome: "lint/style/noRestrictedImports",
  },
  {
    what: "engine asks what time it is",
    path: "packages/engine/src/asks-time.ts",
    source: "export const startedAt: number = Date.now();\n",
    script: "purity",
    biome: "plugin",
  },
  {
    what: "engine hides the time in a template",
    path: "packages/engine/src/hides-time.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the planted source holds the template
    source: "export const startedAt: string = `at ${new Date()}`;\n",
    script: "purity",
    biome: "plugin",
  },
  {
    what: "core passes chance on by name",
    path: "packages/core/src/takes-chance.ts",
    source: "export const random: () => number = Math.random;\n",
    script: "purity",
    biome: "plugin",
  },
  {
    what: "engine sets a timer of its own",
    path: "packages/engine/src/sets-timer.ts",
    source: "export function later(wake: () => void): void {\n  setTimeout(wake, 5);\n}\n",
    script: "purity",
    biome: "lint/style/noRestrictedGlobals",
  },
  {
    what: "core prints",
    path: "packages/core/src/prints.ts",
    source: `export function say(): void {\n  console.log("hello");\n}\n`,
    script: "purity",
    biome: "lint/style/noRestrictedGlobals",
  },
  {
    what: "agents import the framework above them",
    path: "packages/agents/src/looks-up.ts",
    source: `import { door } from "mai-orchestration-framework";\nexport const borrowed: unknown = door;\n`,
    script: "direction",
    biome: "lint/style/noRestrictedImports",
  },
  {
    what: "the project system opens a store",
    path: "packages/project-system/src/opens-store.ts",
    source: `import { openSqliteStore } from "mai-orchestration-sqlite";\nexport const open: unknown = openSqliteStore;\n`,
    script: "direction",
    biome: "lint/style/noRestrictedImports",
  },
  {
    what: "engine reads transcripts",
    path: "packages/engine/src/reads-transcripts.ts",
    source: `import { parseTranscript } from "mai-project-system";\nexport const parse: unknown = parseTranscript;\n`,
    script: "direction",
    biome: "lint/style/noRestrictedImports",
  },
  {
    what: "a package reaches past another's exports",
    path: "packages/agents/src/reaches-past.ts",
    source: `import { one } from "mai-orchestration-core/src/one.ts";\nexport const two: number = one + one;\n`,
    script: "direction",
    biome: "lint/style/noRestrictedImports",
  },
  {
    what: "a package makes itself a door of another",
    path: "packages/agents/src/makes-door.ts",
    source: `import { one } from "mai-orchestration-core/one";\nexport const two: number = one + one;\n`,
    script: "direction",
    biome: "lint/style/noRestrictedImports",
  },
  {
    what: "a package reaches into another by path",
    path: "packages/engine/src/reaches-in.ts",
    source: `import { one } from "../../core/src/one.ts";\nexport const two: number = one + one;\n`,
    script: "direction",
    biome: "lint/style/noRestrictedImports",
  },
  {
    what: "a package imports what it does not declare",
    path: "packages/agents/src/undeclared.ts",
    source: `import { parse } from "yaml";\nexport const read: unknown = parse;\n`,
    biome: "lint/correctness/noUndeclaredDependencies",
  },
  {
    what: "two files import each other",
    path: "packages/engine/src/turns.ts",
    source: `import { three } from "./returns.ts";\nexport const four: number = three + 1;\n`,
    script: "cycle",
    biome: "lint/suspicious/noImportCycles",
  },
  {
    what: "somebody outside the seed borrows clock and chance",
    path: "packages/core/src/borrows.ts",
    source: `import { now } from "./seed/ambient.ts";\nexport const time: () => number = now;\n`,
    script: "ambient",
  },
  {
    what: "a store on disk applies the rules of a task itself",
    path: "packages/store-sqlite/src/decides.ts",
    source: `import { decide } from "mai-orchestration-core";\nexport const rule: unknown = decide;\n`,
    script: "rules-in-core",
  },
  {
    what: "a promise is let go",
    path: "packages/agents/src/lets-go.ts",
    source: "async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n",
    biome: "lint/nursery/noFloatingPromises",
  },
];

/** The other half of the planted cycle. */
const companion = {
  path: "packages/engine/src/returns.ts",
  source: `import { four } from "./turns.ts";\nexport const three: number = four - 1;\n`,
};

const cleanTree: Readonly<Record<string, string>> = {
  ...manifest("core", "mai-orchestration-core", [], [".", "./plan"]),
  ...manifest("project-system", "mai-project-system", ["mai-orchestration-core"]),
  ...manifest("engine", "mai-orchestration-engine", ["mai-orchestration-core"]),
  ...manifest("agents", "mai-orchestration-agents", ["mai-orchestration-core", "mai-orchestration-engine"]),
  ...manifest("council", "mai-orchestration-council", ["mai-orchestration-core", "mai-orchestration-engine"]),
  ...manifest("framework", "mai-orchestration-framework", ["mai-orchestration-core"]),
  ...manifest("store-sqlite", "mai-orchestration-sqlite", ["mai-orchestration-core"]),
  "packages/core/src/one.ts": `export type { Two } from "./two.ts";\nexport const one = 1; // not Date.now()\n`,
  // A type may look back; only what exists at run time makes a cycle.
  "packages/core/src/two.ts": `import { one } from "./one.ts";\n\nexport type Two = typeof one;\nexport const two: number = one + one;\n`,
  "packages/core/src/seed/ambient.ts": "export const now: () => number = () => Date.now();\n",
  "packages/core/src/seed/borrows.ts": `import { now } from "./ambient.ts";\n\nexport const time: number = now();\n`,
  "packages/engine/src/store/memory.ts": `import { decide } from "mai-orchestration-core";\n\nexport const rule: unknown = decide;\nexport const moment: Date = new Date(5);\nexport const said = "Math.random() in a string is only a word";\n`,
  "packages/agents/src/works.ts": `import { readFileSync } from "node:fs";\nimport { one } from "mai-orchestration-core";\n\nexport const text: string = readFileSync(String(one), "utf8") + Date.now();\n`,
  "packages/core/src/plan/index.ts": "export const plan = 1;\n",
  "packages/agents/src/plans.ts": `import { plan } from "mai-orchestration-core/plan";\n\nexport const next: number = plan + 1;\n`,
};

function manifest(
  folder: string,
  name: string,
  dependencies: readonly string[],
  doors: readonly string[] = ["."],
): Record<string, string> {
  const declared = Object.fromEntries(dependencies.map((dependency) => [dependency, "0.1.0"]));
  const exported = Object.fromEntries(doors.map((door) => [door, "./src/index.ts"]));
  const text = JSON.stringify({ name, version: "0.1.0", dependencies: declared, exports: exported });
  return { [`packages/${folder}/package.json`]: text };
}

const trees: string[] = [];

function plantTree(...files: readonly { readonly path: string; readonly source: string }[]): string {
  const root = mkdtempSync(join(tmpdir(), "mai-architecture-"));
  trees.push(root);
  for (const name of ["biome.json", ".gitignore", "scripts/biome"])
    cpSync(join(repositoryRoot, name), join(root, name), { recursive: true });
  const clean = Object.entries(cleanTree).map(([path, source]) => ({ path, source }));
  for (const { path, source } of [...clean, ...files]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), source);
  }
  return root;
}

afterAll(() => {
  for (const root of trees) rmSync(root, { recursive: true });
});

describe("check-architecture", () => {
  test("accepts a clean tree", () => {
    expect(findViolations(plantTree())).toEqual([]);
  });

  test.each(planted.filter(({ script }) => script !== undefined))("refuses that $what", (violation) => {
    const root = plantTree(violation, ...(violation.script === "cycle" ? [companion] : []));

    const found = findViolations(root);

    const paths = violation.script === "cycle" ? [violation.path, companion.path] : [violation.path];
    expect(found).not.toEqual([]);
    expect(found.every(({ path, rule }) => paths.includes(path) && rule === violation.script)).toBe(true);
  });

  test("refuses that a manifest depends on a package above it, and that core depends on anything", () => {
    const root = plantTree(
      ...Object.entries({
        ...manifest("engine", "mai-orchestration-engine", ["mai-orchestration-agents", "left-pad"]),
        ...manifest("core", "mai-orchestration-core", ["left-pad"], [".", "./plan"]),
      }).map(([path, source]) => ({ path, source })),
    );

    const found = findViolations(root);

    expect(found.map(({ message }) => message)).toEqual([
      "core may not depend on left-pad",
      "engine may not depend on mai-orchestration-agents",
    ]);
  });

  test("ends with 1 and names the place when something is refused, with 0 when nothing is", () => {
    const script = join(repositoryRoot, "scripts/check-architecture.ts");
    const bad = plantTree({
      path: "packages/core/src/late.ts",
      source: "\nexport const at: number = Date.now();\n",
    });

    const refused = spawnSync(process.execPath, [script, bad], { encoding: "utf8" });
    const accepted = spawnSync(process.execPath, [script, plantTree()], { encoding: "utf8" });

    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("packages/core/src/late.ts:2 purity:");
    expect(accepted.status).toBe(0);
  });
});

describe("Biome, with the repository's settings", () => {
  let refusedAll: readonly { readonly path: string; readonly category: string }[];

  beforeAll(() => {
    refusedAll = lint(plantTree(companion, ...planted));
  });

  test("accepts a clean tree", () => {
    expect(lint(plantTree())).toEqual([]);
  });

  test.each(planted.filter(({ biome }) => biome !== undefined))("refuses that $what", ({ path, biome }) => {
    const categories = refusedAll.filter((refused) => refused.path === path).map(({ category }) => category);
    expect(categories).toContain(biome);
  });
});

function lint(root: string): readonly { readonly path: string; readonly category: string }[] {
  const biome = join(repositoryRoot, "node_modules/.bin/biome");
  const parameters = ["lint", "packages", "--reporter=json", "--max-diagnostics=none"];
  const run = spawnSync(biome, parameters, { cwd: root, encoding: "utf8" });
  const report = JSON.parse(run.stdout) as {
    readonly diagnostics: readonly {
      readonly category: string;
      readonly location: { readonly path: string };
    }[];
  };
  return report.diagnostics.map(({ category, location }) => ({ path: location.path, category }));
}
