/** Faults planted on purpose, one small textual change each: a test of the tests. They stand in `sim/mutants`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../lib/repository.ts";

export interface Mutant {
  /** The name of its file. */
  readonly name: string;
  /** What is wrong with it, for people. */
  readonly fault: string;
  /** Relative to the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export function readMutants(): readonly Mutant[] {
  const folder = join(repositoryRoot, "sim", "mutants");
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return { name: file.replace(/\.json$/, ""), ...(JSON.parse(text) as Omit<Mutant, "name">) };
  });
}

/** The source with the fault in it. Throws when the source has changed so that the fault has no place any more. */
export function plant({ name, find, replace, file }: Mutant, source: string): string {
  const parts = source.split(find);
  if (parts.length === 2) return parts.join(replace);
  throw new Error(
    `${name} finds its place ${parts.length - 1} times in ${file}: fit it to the source as it is now`,
  );
}
