/** Compiles the README's snippets against an installation and runs them on a runtime. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repositoryRoot } from "../lib/repository.ts";
import { runCommand, runOrThrow } from "../lib/run-command.ts";
import type { Expectation } from "./expectations.ts";
import { pairWithExpectations, wholeReadme } from "./expectations.ts";
import type { Runtime } from "./runtimes.ts";
import type { Snippet } from "./snippets.ts";
import { wrapSnippet } from "./snippets.ts";

const frameworkName = "mai-orchestration-framework";

export interface Program {
  /** Its file name without an ending. */
  readonly name: string;
  readonly source: string;
  readonly prints: readonly RegExp[];
}

/** One program per snippet, and one of all snippets below each other. */
export function programsOf(snippets: readonly Snippet[], exported: readonly string[]): readonly Program[] {
  const whole = snippets.map(({ code }) => code).join("\n\n");
  const program = (name: string, code: string, expectation: Expectation): Program => ({
    name,
    source: wrapSnippet(code, expectation, frameworkName, exported),
    prints: expectation.prints,
  });
  return [
    ...pairWithExpectations(snippets).map(({ snippet, expectation }) =>
      program(snippet.heading.toLowerCase().replaceAll(" ", "-"), snippet.code, expectation),
    ),
    program("whole-readme", whole, wholeReadme),
  ];
}

/** The names that the installed package exports, asked of the package itself. */
export async function exportedNames(folder: string, runtime: Runtime): Promise<readonly string[]> {
  const entry = pathToFileURL(join(folder, "node_modules", frameworkName, "dist", "index.js")).href;
  const script = join(folder, "names.mjs");
  writeFileSync(
    script,
    `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(entry)}))));\n`,
  );
  const output = await runOrThrow(runtime.program, [...runtime.parameters, script], {
    cwd: folder,
    timeoutMs: 30_000,
  });
  return JSON.parse(output) as readonly string[];
}

/** Type-checks strictly, our own declarations included, and leaves JavaScript in `built/`. */
export async function compile(folder: string, programs: readonly Program[]): Promise<void> {
  mkdirSync(join(folder, "snippets"), { recursive: true });
  for (const { name, source } of programs) writeFileSync(join(folder, "snippets", `${name}.ts`), source);
  const compilerOptions = {
    strict: true,
    module: "nodenext",
    target: "es2024",
    lib: ["es2024", "esnext.disposable"],
    types: ["node"],
    typeRoots: [join(repositoryRoot, "node_modules", "@types")],
    skipLibCheck: false,
    rootDir: "snippets",
    outDir: "built",
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["snippets"] }));
  await runOrThrow("tsc", ["-p", folder], { cwd: folder, timeoutMs: 120_000 });
}

/** Runs one compiled program where nothing but plain tools can be found, and looks at what it printed. */
export async function runProgram(folder: string, program: Program, runtime: Runtime): Promise<void> {
  const cwd = mkdtempSync(join(folder, `${program.name}-`));
  const file = join(folder, "built", `${program.name}.js`);
  const run = await runCommand(runtime.program, [...runtime.parameters, file], {
    cwd,
    timeoutMs: 60_000,
    env: { PATH: runtime.path, HOME: cwd },
  });
  if (run.timedOut) throw new Error(`It did not end by itself within 60 s:\n${run.output}`);
  if (run.code !== 0) throw new Error(`It ended with ${run.code}:\n${run.output}`);
  const missing = program.prints.filter((wanted) => !wanted.test(run.output));
  if (missing.length > 0) throw new Error(`It never printed ${missing.join(" nor ")}:\n${run.output}`);
}
