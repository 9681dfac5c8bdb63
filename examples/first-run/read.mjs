// What the tasks of the first run read of this repository and of each other. Node's own modules only.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const out = "examples/first-run/out";

/** The packages of the workspace: folder, name, declared dependencies among themselves. */
export function packages() {
  const folders = readdirSync("packages")
    .map((name) => join("packages", name))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .sort();
  const all = folders.map((folder) => ({
    folder,
    ...JSON.parse(readFileSync(join(folder, "package.json"), "utf8")),
  }));
  const names = new Set(all.map(({ name }) => name));
  return all.map(({ folder, name, dependencies = {}, peerDependencies = {} }) => ({
    folder,
    name,
    dependencies: Object.keys({ ...dependencies, ...peerDependencies })
      .filter((dependency) => names.has(dependency))
      .sort(),
  }));
}

/** The packages that the sources of one import. */
export function importsOf({ folder, name }, names) {
  const found = new Set();
  for (const path of readdirSync(join(folder, "src"), { recursive: true })) {
    if (!path.endsWith(".ts")) continue;
    for (const [, specifier] of readFileSync(join(folder, "src", path), "utf8").matchAll(/from "([^"]+)"/g)) {
      // What stands behind the name is one of the package's doors.
      const [imported] = specifier.split("/");
      if (names.has(imported) && imported !== name) found.add(imported);
    }
  }
  return [...found].sort();
}

export function readOut(file) {
  return readFileSync(join(out, file), "utf8");
}

/** What vitest reported. */
export function readTests(name) {
  const { numTotalTests, numPassedTests, success } = JSON.parse(readOut(`${name}.json`));
  return { total: numTotalTests, passed: numPassedTests, success };
}

/** What npm would pack, as `{ name, files, size }`. */
export function readPacks() {
  const parsed = JSON.parse(readOut("pack.json"));
  const list = Array.isArray(parsed) ? parsed : Object.values(parsed);
  return list.map(({ name, files, size }) => ({ name, size, files: files.map(({ path }) => path) }));
}
