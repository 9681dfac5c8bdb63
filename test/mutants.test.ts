import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../scripts/lib/repository.ts";
import { plant, readMutants } from "../scripts/mutants/mutant.ts";

test.each(readMutants())("the planted fault $name still has its place in the source", (mutant) => {
  const source = readFileSync(join(repositoryRoot, mutant.file), "utf8");

  expect(plant(mutant, source)).not.toBe(source);
});

test("there are enough planted faults to test the tests by", () => {
  expect(readMutants().length).toBeGreaterThanOrEqual(15);
});
