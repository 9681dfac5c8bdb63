/** Who may catch a mutant, in the order they are asked. */
import type { Mutant } from "./mutant.ts";

export interface Suite {
  readonly name: "unit" | "property" | "conformance" | "simulation";
  /** Program and parameters, from the root of a copy of the repository. */
  readonly command: readonly [string, ...string[]];
}

const vitest = ["vitest", "run", "--bail=1", "--testTimeout=8000", "--reporter=dot"] as const;
const engineUnits = [
  "after-death",
  "attempts",
  "call-queue",
  "heap",
  "limits",
  "scheduling",
  "several-engines",
  "store-failures",
];

const coreUnit: Suite = {
  name: "unit",
  command: [...vitest, "packages/core/test", "--exclude=**/lifecycle-properties.test.ts"],
};
const engineUnit: Suite = {
  name: "unit",
  command: [...vitest, ...engineUnits.map((name) => `packages/engine/test/${name}.test.ts`)],
};
const property: Suite = {
  name: "property",
  command: [...vitest, "packages/core/test/lifecycle-properties.test.ts"],
};
const conformance: Suite = {
  name: "conformance",
  command: [...vitest, "packages/engine/test/store.test.ts"],
};
const sqliteConformance: Suite = {
  name: "conformance",
  command: [...vitest, "packages/store-sqlite/test/store.test.ts"],
};
const simulation: Suite = {
  name: "simulation",
  command: ["node", "--conditions=mai-source", "scripts/sim.ts", "--seeds", "400", "--bail"],
};

const sqliteSimulation: Suite = {
  name: "simulation",
  command: [
    "node",
    "--conditions=mai-source",
    "scripts/sim.ts",
    "--seeds",
    "30",
    "--store",
    "sqlite",
    "--bail",
  ],
};

/** The suites that see the code of a file. */
export function suitesFor({ file }: Pick<Mutant, "file">): readonly Suite[] {
  if (file.startsWith("packages/core/")) return [coreUnit, property, conformance, simulation];
  if (file.startsWith("packages/engine/src/loop/")) return [engineUnit, simulation];
  if (file.startsWith("packages/engine/")) return [engineUnit, conformance, simulation];
  return [sqliteConformance, sqliteSimulation];
}

export const allSuites: readonly Suite[] = [
  coreUnit,
  engineUnit,
  property,
  conformance,
  sqliteConformance,
  simulation,
  sqliteSimulation,
];
