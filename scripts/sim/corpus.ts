/** Seeds that broke a promise once: they are simulated by every test run from then on. */
import { appendFileSync, readFileSync } from "node:fs";

const file = new URL("../../sim/corpus.txt", import.meta.url);

export function corpusSeeds(): readonly number[] {
  const lines = readFileSync(file, "utf8").split("\n");
  const seeds = lines.map((line) => line.replace(/#.*/, "").trim()).filter((line) => line !== "");
  return seeds.map(Number);
}

export function addToCorpus(seed: number): void {
  if (!corpusSeeds().includes(seed)) appendFileSync(file, `${seed}\n`);
}
