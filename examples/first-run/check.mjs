// The checks of the first run. `node check.mjs NAME` exits 0 when what task NAME claims is true.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { packages, readOut, readPacks, readTests } from "./read.mjs";

const checks = {
  types() {
    const dry = execFileSync("npx", ["tsc", "-b", "--dry"], { encoding: "utf8" });
    refuseUnless(!/would build|would update/i.test(dry), `tsc still has something to do:\n${dry}`);
    for (const { folder } of packages()) {
      refuseUnless(existsSync(join(folder, "dist/index.js")), `${folder} is not built`);
    }
  },
  lint() {
    const { summary } = JSON.parse(readOut("lint.json"));
    refuseUnless(summary.errors === 0, `Biome found ${summary.errors} errors`);
    refuseUnless(summary.changed + summary.unchanged > 0, "Biome looked at no file");
  },
  "test-core": () => checkTests("test-core"),
  "test-store": () => checkTests("test-store"),
  pack() {
    const packs = readPacks();
    for (const { name } of packages()) {
      const files = packs.find((pack) => pack.name === name)?.files ?? [];
      for (const file of ["dist/index.js", "dist/index.d.ts", "LICENSE", "package.json"]) {
        refuseUnless(files.includes(file), `${name} would ship without ${file}`);
      }
    }
  },
  "module-map"() {
    const map = readOut("module-map.md");
    const arrows = new Set(
      [...map.matchAll(/^ {2}(\S+) --> (\S+)$/gm)].map(([, from, to]) => `${from} ${to}`),
    );
    for (const { name, dependencies } of packages()) {
      refuseUnless(map.includes(`\n  ${name}\n`), `the map does not name ${name}`);
      for (const dependency of dependencies) {
        refuseUnless(
          arrows.delete(`${name} ${dependency}`),
          `${name} declares ${dependency}; the map has no arrow`,
        );
      }
    }
    refuseUnless(arrows.size === 0, `not declared: ${[...arrows].join(", ")}`);
  },
  report() {
    const report = readOut("report.md");
    for (const name of ["test-core", "test-store"]) {
      refuseUnless(
        report.includes(`${name}: ${readTests(name).passed} of`),
        `the report is silent on ${name}`,
      );
    }
    for (const { name } of packages())
      refuseUnless(report.includes(`- ${name}:`), `the report is silent on ${name}`);
  },
};

function checkTests(name) {
  const { total, passed, success } = readTests(name);
  refuseUnless(success && total > 0 && passed === total, `${passed} of ${total} tests passed`);
}

function refuseUnless(holds, message) {
  if (holds) return;
  console.error(message);
  process.exit(1);
}

const check = checks[process.argv[2]];
refuseUnless(check !== undefined, `known checks: ${Object.keys(checks).join(", ")}`);
check();
