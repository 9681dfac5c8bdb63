/**
 * Refuses sources that break the invariants of the house: the direction of imports between packages, the purity of
 * core and engine, rules applied in one place only, no cycles. `test/architecture.test.ts` proves that it bites.
 *
 *     node scripts/check-architecture.ts [ROOT]
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Violation } from "./architecture/rules.ts";
import {
  ambientViolations,
  cycleViolations,
  directionViolations,
  mayImport,
  processViolations,
  purityViolations,
  ruleViolations,
} from "./architecture/rules.ts";
import { parseSource } from "./architecture/source-file.ts";
import { repositoryRoot, workspacePackages } from "./lib/repository.ts";

/** Every violation in the packages under `root`, in the order of paths. */
export function findViolations(root: string): readonly Violation[] {
  const files = globSync("packages/*/{src,bin}/**/*.{ts,js}", { cwd: root })
    .sort()
    .map((path) => parseSource(path, readFileSync(join(root, path), "utf8")));
  const doors = new Set(workspacePackages(root).flatMap((one) => one.doors));
  const single = files.flatMap((file) => [
    ...directionViolations(file, doors),
    ...purityViolations(file),
    ...ambientViolations(file),
    ...ruleViolations(file),
    ...processViolations(file),
  ]);
  return [...single, ...cycleViolations(files), ...manifestViolations(root)];
}

/** Declared dependencies follow the same direction, and core has none at all. */
function manifestViolations(root: string): readonly Violation[] {
  return workspacePackages(root).flatMap(({ folder, dependencies }) => {
    const allowed = mayImport[folder] ?? [];
    const wrong = dependencies.filter((name) =>
      folder === "core" || name.startsWith("mai-") ? !allowed.includes(name) : false,
    );
    return wrong.map((name) => ({
      rule: "manifest" as const,
      path: `packages/${folder}/package.json`,
      line: 1,
      message: `${folder} may not depend on ${name}`,
    }));
  });
}

if (import.meta.main) {
  const root = process.argv[2] ?? repositoryRoot;
  const violations = findViolations(root);
  for (const { path, line, rule, message } of violations)
    console.error(`${path}:${line} ${rule}: ${message}`);
  console.log(violations.length === 0 ? "The architecture holds." : `${violations.length} violations.`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
