/** A package from npm that nobody here wrote, as a fresh git repository with its test tool installed. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Its tarball carries its tests; a version that never changes, for the edits are written for its text. */
export const packageName = "qs@6.14.0";

/** All tests of the package. */
export const packageTests = "node_modules/.bin/tape 'test/*.js'";

/** Of its development tools those without which its tests do not start; the others lint and bundle. */
const testTools: ReadonlySet<string> = new Set([
  ...["tape", "es-value-fixtures", "for-each", "has-bigints", "has-override-mistake", "has-proto"],
  ...["has-property-descriptors", "has-symbols", "iconv-lite", "mock-property", "object-inspect"],
  ...["qs-iconv", "safer-buffer"],
]);

/**
 * Makes the repository in `root`, with one commit on `main` and a clean tree.
 *
 * @param scratch - a folder for the tarball
 */
export function makeRepository(root: string, scratch: string): void {
  const packed = run(scratch, "npm", "pack", packageName, "--silent", "--prefer-offline").trim();
  mkdirSync(root, { recursive: true });
  run(scratch, "tar", "-xzf", packed, "-C", root, "--strip-components=1");
  const manifestFile = join(root, "package.json");
  const manifest = JSON.parse(readFileSync(manifestFile, "utf8")) as {
    devDependencies: Record<string, string>;
  };
  const tools = Object.entries(manifest.devDependencies).filter(([name]) => testTools.has(name));
  const kept = { ...manifest, devDependencies: Object.fromEntries(tools), scripts: { test: packageTests } };
  writeFileSync(manifestFile, `${JSON.stringify(kept, null, 4)}\n`);
  writeFileSync(join(root, ".gitignore"), "node_modules\nplan.json\nmai.config.json\n");
  const quick = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline"];
  run(root, "npm", "install", "--silent", ...quick);
  run(root, "git", "init", "-q", "-b", "main");
  run(root, "git", "config", "user.name", "example");
  run(root, "git", "config", "user.email", "example@localhost");
  run(root, "git", "add", "-A");
  run(root, "git", "commit", "-q", "-m", `${packageName}, as npm has it`);
}

/** What a program prints; throws with its errors when it fails. */
export function run(cwd: string, program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Whether a shell command succeeds there. */
export function succeeds(cwd: string, command: string): boolean {
  try {
    run(cwd, "sh", "-c", command);
    return true;
  } catch {
    return false;
  }
}
