/** A copy of the sources in which faults may be planted without anybody being hurt. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { repositoryRoot, workspacePackages } from "../lib/repository.ts";
import type { CommandRun } from "../lib/run-command.ts";
import { runCommand } from "../lib/run-command.ts";
import { type Mutant, plant } from "./mutant.ts";
import type { Suite } from "./suites.ts";

/** Far longer than a suite takes; a mutant that hangs is caught by it. */
const limitMs = 120_000;

export interface Sandbox {
  /** Runs a suite on the sources, with the fault if there is one. */
  run(suite: Suite, mutant: Mutant | null): Promise<CommandRun>;
  remove(): void;
}

export function openSandbox(): Sandbox {
  const root = mkdtempSync(join(tmpdir(), "mai-mutants-"));
  const names = ["packages", "scripts", "sim", "package.json", "tsconfig.base.json", "vitest.config.ts"];
  for (const name of names) {
    cpSync(join(repositoryRoot, name), join(root, name), { recursive: true, filter: isSource });
  }
  linkModules(root);
  // The repository's own Node stands there, whatever the machine has.
  const env = { PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}` };
  return {
    async run({ command: [program, ...parameters] }, mutant) {
      const path = mutant === null ? null : join(root, mutant.file);
      const source = path === null ? "" : readFileSync(path, "utf8");
      if (path !== null && mutant !== null) writeFileSync(path, plant(mutant, source));
      try {
        return await runCommand(program, parameters, { cwd: root, timeoutMs: limitMs, env });
      } finally {
        if (path !== null) writeFileSync(path, source);
      }
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function isSource(path: string): boolean {
  return !/[/\\](?:node_modules|dist)(?:[/\\]|$)/.test(path);
}

/** What is installed, but our own packages: those are the copies. */
function linkModules(root: string): void {
  const modules = join(root, "node_modules");
  mkdirSync(modules);
  const own = new Map(workspacePackages().map((each) => [each.name, join(root, "packages", each.folder)]));
  for (const name of readdirSync(join(repositoryRoot, "node_modules"))) {
    if (name === ".vite" || name === ".vite-temp") continue;
    symlinkSync(own.get(name) ?? join(repositoryRoot, "node_modules", name), join(modules, name));
  }
}
