// Draws the packages and who imports whom, as Mermaid in Markdown.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { importsOf, packages } from "./read.mjs";

const target = process.argv[2];
if (target === undefined) throw new Error("usage: node write-module-map.mjs FILE");

const all = packages();
const names = new Set(all.map(({ name }) => name));
const arrows = all.flatMap((one) => importsOf(one, names).map((imported) => `  ${one.name} --> ${imported}`));
const nodes = all.map(({ name }) => `  ${name}`);

mkdirSync(dirname(target), { recursive: true });
writeFileSync(
  target,
  ["# Who imports whom", "", "```mermaid", "graph TD", ...nodes, ...arrows, "```", ""].join("\n"),
);
console.log(`${all.length} packages, ${arrows.length} arrows -> ${target}`);
