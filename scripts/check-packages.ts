/**
 * Packs every published package and looks at the tarballs as their users will: publint, are-the-types-wrong, and what
 * must be in them. Prints one line per package.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PackedPackage } from "./lib/pack-packages.ts";
import { packPackages } from "./lib/pack-packages.ts";
import { repositoryRoot, workspacePackages } from "./lib/repository.ts";
import { runCommand } from "./lib/run-command.ts";

const destination = mkdtempSync(join(tmpdir(), "mai-check-packages-"));
try {
  const packages = workspacePackages().filter(({ published }) => published);
  const licence = readFileSync(join(repositoryRoot, "LICENSE"), "utf8");
  const strayed = packages.filter(({ path }) => readFileSync(join(path, "LICENSE"), "utf8") !== licence);
  for (const { name } of strayed) fail(name, "its LICENSE differs from the repository's");
  for (const packed of await packPackages(packages, destination)) await check(packed);
} finally {
  rmSync(destination, { recursive: true });
}

async function check(packed: PackedPackage): Promise<void> {
  const complaints = [...missingFiles(packed), ...(await complaintsOfTools(packed))];
  for (const complaint of complaints) fail(packed.name, complaint);
  if (complaints.length > 0) return;
  const kilobytes = (packed.unpackedBytes / 1000).toFixed(0);
  console.log(`${packed.name} ${packed.version}: good (${packed.files.length} files, ${kilobytes} kB)`);
}

function missingFiles({ files }: PackedPackage): readonly string[] {
  const wanted = ["package.json", "LICENSE", "README.md", "dist/index.js", "dist/index.d.ts", "src/index.ts"];
  const unwanted = files.filter((file) => /tsbuildinfo$|(?:^|\/)test\//.test(file));
  return [
    ...wanted.filter((file) => !files.includes(file)).map((file) => `${file} is missing from the tarball`),
    ...unwanted.map((file) => `${file} does not belong into the tarball`),
  ];
}

async function complaintsOfTools({ tarball }: PackedPackage): Promise<readonly string[]> {
  const options = { cwd: repositoryRoot, timeoutMs: 60_000 };
  const [publint, attw] = await Promise.all([
    runCommand("publint", ["run", tarball, "--strict"], options),
    runCommand("attw", [tarball, "--profile", "esm-only", "--no-emoji", "--no-color"], options),
  ]);
  return [
    ...(publint.code === 0 ? [] : [`publint:\n${publint.output}`]),
    ...(attw.code === 0 ? [] : [`are-the-types-wrong:\n${attw.output}`]),
  ];
}

function fail(name: string, complaint: string): void {
  console.error(`${name}: ${complaint}`);
  process.exitCode = 1;
}
