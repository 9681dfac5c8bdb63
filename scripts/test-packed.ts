/**
 * Tests what is shipped: packs our packages, installs them into empty folders with `npm add` and `bun add`, measures
 * them, and compiles and runs every snippet of the seed README against them on Node 22, Node 24 and Bun.
 *
 *     node scripts/test-packed.ts [--keep]
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packPackages } from "./lib/pack-packages.ts";
import { repositoryRoot, workspacePackages } from "./lib/repository.ts";
import { writeResult } from "./lib/results.ts";
import { runOrThrow } from "./lib/run-command.ts";
import type { Installation } from "./packed/installation.ts";
import { install } from "./packed/installation.ts";
import { createReport } from "./packed/report.ts";
import { compile, exportedNames, programsOf, runProgram } from "./packed/run-snippets.ts";
import type { Runtime } from "./packed/runtimes.ts";
import { prepareRuntimes } from "./packed/runtimes.ts";
import { extractSnippets } from "./packed/snippets.ts";

/** What `npm add mai-orchestration-framework` brings, and nothing that only some need. */
const shipped = ["core", "engine", "store-sqlite", "agents", "council", "framework"];
const mostBytes = 40_000_000;
const mostForeign = 15;

const report = createReport();
const folder = mkdtempSync(join(tmpdir(), "mai-packed-"));
try {
  const packages = workspacePackages().filter((each) => shipped.includes(each.folder));
  const [packed, runtimes] = await Promise.all([
    packPackages(packages, join(folder, "tarballs")),
    prepareRuntimes(folder),
  ]);
  for (const manager of ["npm", "bun"] as const) {
    let installation: Installation | undefined;
    await report.check(`${manager} add, in an empty folder`, async () => {
      installation = await install(manager, join(folder, manager), packed);
      return measured(installation);
    });
    const users = runtimes.filter((runtime) => runtime.manager === manager);
    if (installation !== undefined) await testInstallation(installation, users);
  }
} finally {
  if (process.argv.includes("--keep")) console.log(`Kept ${folder}`);
  else rmSync(folder, { recursive: true });
}

const counts = report.counts();
writeResult("packed", counts);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

function measured({ bytes, foreign }: Installation): string {
  const size = `${(bytes / 1_000_000).toFixed(1)} MB, ${foreign.length} packages that are not ours`;
  const list = foreign.length === 0 ? "" : ` (${foreign.join(", ")})`;
  if (bytes > mostBytes || foreign.length > mostForeign) throw new Error(`Too much: ${size}${list}`);
  return size + list;
}

async function testInstallation(installation: Installation, runtimes: readonly Runtime[]): Promise<void> {
  const { manager, folder: installed } = installation;
  const [first] = runtimes;
  if (first === undefined) throw new Error(`No runtime uses what ${manager} installs`);
  const snippets = extractSnippets(readFileSync(join(repositoryRoot, "test/packed/seed-readme.md"), "utf8"));
  const programs = programsOf(snippets, await exportedNames(installed, first));
  const compiled = await report.check(
    `the README's snippets compile against what ${manager} installed`,
    async () => {
      await compile(installed, programs);
      return `${snippets.length} snippets`;
    },
  );
  for (const runtime of runtimes) {
    await report.check(`mai --version on ${runtime.name}`, () => printVersion(installed, runtime));
    for (const program of compiled ? programs : [])
      await report.check(`${program.name} on ${runtime.name}`, async () => {
        await runProgram(installed, program, runtime);
        return undefined;
      });
  }
}

async function printVersion(installed: string, runtime: Runtime): Promise<string> {
  const command = join(installed, "node_modules", ".bin", "mai");
  const output = await runOrThrow(runtime.program, [...runtime.parameters, command, "--version"], {
    cwd: installed,
    timeoutMs: 30_000,
    env: { PATH: runtime.path, HOME: installed },
  });
  const { version } = workspacePackages().find((each) => each.folder === "framework") ?? { version: "?" };
  if (!output.includes(version)) throw new Error(`It printed ${JSON.stringify(output)} and not ${version}`);
  return output.trim();
}
