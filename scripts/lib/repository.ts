/** Where the repository is and which packages it publishes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const repositoryRoot: string = join(import.meta.dirname, "..", "..");

export interface WorkspacePackage {
  /** Name of the folder under `packages/`. */
  readonly folder: string;
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly published: boolean;
  readonly dependencies: readonly string[];
  /** What others may import of it: its name, and what it exports beside that. */
  readonly doors: readonly string[];
}

/** Every package under `packages/`, by folder name. */
export function workspacePackages(root: string = repositoryRoot): readonly WorkspacePackage[] {
  const packages = join(root, "packages");
  return readdirSync(packages, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => readPackage(join(packages, entry.name), entry.name))
    .sort((left, right) => left.folder.localeCompare(right.folder));
}

function readPackage(path: string, folder: string): WorkspacePackage {
  const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as {
    readonly name: string;
    readonly version: string;
    readonly private?: boolean;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly exports?: Readonly<Record<string, unknown>>;
  };
  const { name, version } = manifest;
  const dependencies = Object.keys(manifest.dependencies ?? {});
  const doors = Object.keys(manifest.exports ?? {}).map((door) => name + door.slice(1));
  return { folder, path, name, version, published: manifest.private !== true, dependencies, doors };
}
