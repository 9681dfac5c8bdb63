/** The invariants of the house, as data and small functions over parsed sources. docs/ARCHITECTURE.md says why. */
import { builtinModules } from "node:module";
import type { Import, SourceFile } from "./source-file.ts";
import { lineAt } from "./source-file.ts";

export interface Violation {
  readonly rule: "direction" | "purity" | "ambient" | "rules-in-core" | "process" | "cycle" | "manifest";
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** Which of our packages a package may import, by folder. A package that is not named here may import none. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  "project-system": ["mai-orchestration-core"],
  engine: ["mai-orchestration-core"],
  "store-sqlite": ["mai-orchestration-core", "mai-orchestration-engine"],
  "store-postgres": ["mai-orchestration-core", "mai-orchestration-engine"],
  agents: ["mai-orchestration-core", "mai-orchestration-engine"],
  council: ["mai-orchestration-core", "mai-orchestration-engine"],
  testkit: ["mai-orchestration-core", "mai-orchestration-engine"],
  framework: [
    "mai-orchestration-core",
    "mai-project-system",
    "mai-orchestration-engine",
    "mai-orchestration-sqlite",
    "mai-orchestration-postgres",
    "mai-orchestration-agents",
    "mai-orchestration-council",
  ],
  mcp: ["mai-orchestration-core", "mai-orchestration-engine", "mai-orchestration-framework"],
};

const pureFolders: readonly string[] = ["core", "engine"];
/** The one place where the original's constructors borrow clock and chance. */
const ambientFile = "packages/core/src/seed/ambient.ts";
/** The only files of the pure packages that may touch the machine: clock and chance of the original's constructors, and the real clock for those who need one. */
const doors = [ambientFile, "packages/engine/src/system-clock.ts"];
/** Who may apply the rules of a task's life. Everybody else asks a store. */
const appliersOfRules: readonly string[] = [
  "packages/core/",
  "packages/engine/src/store/",
  "packages/store-postgres/",
  "packages/testkit/",
];
const rules: readonly string[] = ["decide", "evolve"];
/** Who may start programs: the runner, the testkit, and two files whose programs are no part of an attempt. */
const startersOfPrograms: readonly string[] = [
  "packages/agents/src/process/",
  "packages/testkit/",
  "packages/framework/src/cli/run/detach.ts",
  "packages/framework/src/cli/doctor/place-findings.ts",
];
/** The files of the command line that may ask `process`; the others get an `io`. */
const holdersOfTheProcess: readonly string[] = [
  "packages/framework/src/cli/main.ts",
  "packages/framework/src/cli/doctor/",
];

/** @param doors - what the packages export, as it is imported: `mai-orchestration-core/plan` */
export function directionViolations(file: SourceFile, doors: ReadonlySet<string>): readonly Violation[] {
  const allowed = mayImport[file.packageFolder] ?? [];
  const root = `packages/${file.packageFolder}/`;
  return file.imports.flatMap((found) => {
    const name = /^mai-[a-z-]+/.exec(found.specifier)?.[0];
    if (name !== undefined && !allowed.includes(name))
      return [at(file, found, "direction", `${file.packageFolder} may not import ${name}`)];
    if (name !== undefined && !doors.has(found.specifier))
      return [at(file, found, "direction", `${found.specifier} reaches past what that package exports`)];
    const target = resolveRelative(file.path, found.specifier);
    if (target !== undefined && !target.startsWith(root))
      return [at(file, found, "direction", `${found.specifier} leaves the package; import it by its name`)];
    return [];
  });
}

export function purityViolations(file: SourceFile): readonly Violation[] {
  if (!pureFolders.includes(file.packageFolder) || doors.includes(file.path)) return [];
  const imports = file.imports
    .filter(({ specifier }) => isRuntimeModule(specifier))
    .map((found) => at(file, found, "purity", `${file.packageFolder} may not import ${found.specifier}`));
  const uses = [...file.code.matchAll(impure)].map((found) => ({
    rule: "purity" as const,
    path: file.path,
    line: lineAt(file.code, found.index),
    message: `${file.packageFolder} takes time, chance and the world as arguments; found ${found[0].trim()}`,
  }));
  return [...imports, ...uses];
}

/** Not preceded by a dot or a word: `clock.setTimeout` is a port's own method and fine. */
const impure =
  /(?<![.\w$])(?:Date\.now\b|Math\.random\b|performance\.\w+|new\s+Date\b(?!\s*\(\s*[^)\s])|(?<!new\s+)Date\(|AbortSignal\.timeout\b|Temporal\.Now\b|(?:setTimeout|setInterval|setImmediate|fetch|require)\s*\(|console\.\w+|(?:process|globalThis|crypto|Bun|Deno)\.\w+)/g;

function isRuntimeModule(specifier: string): boolean {
  return /^(?:node|bun):|^bun$/.test(specifier) || builtinModules.includes(specifier);
}

export function ambientViolations(file: SourceFile): readonly Violation[] {
  if (file.path.startsWith("packages/core/src/seed/")) return [];
  return file.imports
    .filter(({ specifier }) => resolveRelative(file.path, specifier) === ambientFile)
    .map((found) => at(file, found, "ambient", "only core/src/seed may borrow clock and chance"));
}

export function ruleViolations(file: SourceFile): readonly Violation[] {
  if (appliersOfRules.some((prefix) => file.path.startsWith(prefix))) return [];
  return file.imports
    .filter(({ names }) => names.some((name) => rules.includes(name)))
    .map((found) =>
      at(file, found, "rules-in-core", "only engine/src/store and the testkit apply decide and evolve"),
    );
}

/** Programs are started, and the process is asked, by few. */
export function processViolations(file: SourceFile): readonly Violation[] {
  const startsNone = !startersOfPrograms.some((prefix) => file.path.startsWith(prefix));
  const imports = file.imports
    .filter(({ specifier }) => startsNone && /^(?:node:)?child_process$/.test(specifier))
    .map((found) => at(file, found, "process", "programs are started by packages/agents/src/process"));
  const isVerb = file.path.startsWith("packages/framework/src/cli/");
  if (!isVerb || holdersOfTheProcess.some((prefix) => file.path.startsWith(prefix))) return imports;
  const uses = [...file.code.matchAll(/(?<![.\w$])process\.\w+/g)].map((found) => ({
    rule: "process" as const,
    path: file.path,
    line: lineAt(file.code, found.index),
    message: `verbs get an io; found ${found[0]}`,
  }));
  return [...imports, ...uses];
}

/** Cycles of imports that exist at run time; a type may look back. */
export function cycleViolations(files: readonly SourceFile[]): readonly Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const finished = new Set<string>();
  const found: Violation[] = [];
  const visit = (file: SourceFile, trail: readonly string[]): void => {
    if (finished.has(file.path)) return;
    for (const entry of file.imports) {
      const target = entry.typeOnly ? undefined : resolveRelative(file.path, entry.specifier);
      const next = target === undefined ? undefined : byPath.get(target);
      if (next === undefined) continue;
      const path = [...trail, file.path];
      const back = path.indexOf(next.path);
      if (back === -1) visit(next, path);
      else found.push(at(file, entry, "cycle", [...path.slice(back), next.path].join(" -> ")));
    }
    finished.add(file.path);
  };
  for (const file of files) visit(file, []);
  return found;
}

function resolveRelative(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  // The base is made up: only the path arithmetic of URL is used, so that no file system is asked.
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

function at(file: SourceFile, found: Import, rule: Violation["rule"], message: string): Violation {
  return { rule, path: file.path, line: found.line, message };
}
