/** What a script that is not Vitest leaves behind for the closing line of `.ci/run`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./repository.ts";

export interface CheckResult {
  readonly passed: number;
  readonly failed: number;
}

export function writeResult(name: string, result: CheckResult): void {
  const folder = join(repositoryRoot, ".cache", "results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result)}\n`);
}
