/** Packs our packages exactly as they would be published. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { WorkspacePackage } from "./repository.ts";
import { repositoryRoot } from "./repository.ts";
import { runOrThrow } from "./run-command.ts";

export interface PackedPackage {
  readonly name: string;
  readonly version: string;
  readonly tarball: string;
  readonly files: readonly string[];
  readonly unpackedBytes: number;
}

/** Builds what is out of date, then writes one tarball per package into `destination`. */
export async function packPackages(
  packages: readonly WorkspacePackage[],
  destination: string,
): Promise<readonly PackedPackage[]> {
  mkdirSync(destination, { recursive: true });
  await runOrThrow("tsc", ["-b"], { cwd: repositoryRoot, timeoutMs: 120_000 });
  return Promise.all(packages.map((each) => pack(each, destination)));
}

async function pack({ path }: WorkspacePackage, destination: string): Promise<PackedPackage> {
  const parameters = [
    "pack",
    "--json",
    "--loglevel=silent",
    "--ignore-scripts",
    "--pack-destination",
    destination,
  ];
  const output = await runOrThrow("npm", parameters, { cwd: path, timeoutMs: 60_000 });
  const packed = firstPacked(JSON.parse(output.slice(output.search(/^[[{]/m))));
  const { name, version, filename, files, unpackedSize } = packed;
  return {
    name,
    version,
    tarball: join(destination, filename),
    files: files.map((file) => file.path),
    unpackedBytes: unpackedSize,
  };
}

interface NpmPacked {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** npm up to 11 answers a list, npm 12 an object by package name. */
function firstPacked(answer: readonly NpmPacked[] | Readonly<Record<string, NpmPacked>>): NpmPacked {
  const [packed] = Object.values(answer);
  if (packed === undefined) throw new Error("npm pack answered with no package");
  return packed;
}
