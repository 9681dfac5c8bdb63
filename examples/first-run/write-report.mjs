// Sums up what the other tasks left in the folder.
import { writeFileSync } from "node:fs";
import { readOut, readPacks, readTests } from "./read.mjs";

const target = process.argv[2];
if (target === undefined) throw new Error("usage: node write-report.mjs FILE");

const tests = ["test-core", "test-store"].map((name) => {
  const { passed, total } = readTests(name);
  return `- ${name}: ${passed} of ${total} tests passed`;
});
const packs = readPacks().map(
  ({ name, files, size }) => `- ${name}: ${files.length} files, ${Math.round(size / 1024)} KB`,
);
const map = readOut("module-map.md").split("\n").slice(2);
const lines = [
  "# First run",
  "",
  ...tests,
  "",
  "## Packages",
  "",
  ...packs,
  "",
  "## Who imports whom",
  "",
  ...map,
];
writeFileSync(target, `${lines.join("\n").trimEnd()}\n`);
console.log(lines.slice(2, 4).join("\n"));
