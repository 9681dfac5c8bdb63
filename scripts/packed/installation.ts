/** Installs tarballs into an empty folder, as a user would, and measures what came. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PackedPackage } from "../lib/pack-packages.ts";
import { runOrThrow } from "../lib/run-command.ts";

export interface Installation {
  readonly manager: "npm" | "bun";
  readonly folder: string;
  readonly bytes: number;
  /** Packages that are not ours, with their versions. */
  readonly foreign: readonly string[];
}

export async function install(
  manager: "npm" | "bun",
  folder: string,
  packed: readonly PackedPackage[],
): Promise<Installation> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifestFor(manager, packed), null, 2));
  const tarballs = packed.map(({ tarball }) => tarball);
  const quiet = manager === "npm" ? ["--no-audit", "--no-fund", "--loglevel=error"] : ["--no-summary"];
  await runOrThrow(manager, ["add", ...quiet, ...tarballs], { cwd: folder, timeoutMs: 120_000 });

  const modules = join(folder, "node_modules");
  const installed = packagesIn(modules);
  const ours = packed.map(({ name }) => name);
  for (const name of ours) {
    const copies = installed.filter((each) => each.name === name);
    if (copies.length !== 1) throw new Error(`${manager} installed ${copies.length} copies of ${name}`);
  }
  const foreign = installed.filter(({ name }) => !ours.includes(name));
  return {
    manager,
    folder,
    bytes: sizeOf(modules),
    foreign: foreign.map(({ name, version }) => `${name}@${version}`),
  };
}

/**
 * Our packages depend on each other by version, and only the tarballs have it. npm finds it among what it installs in
 * the same command and refuses overrides of that; Bun asks the registry unless an override says otherwise.
 */
function manifestFor(manager: "npm" | "bun", packed: readonly PackedPackage[]): object {
  const overrides = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const manifest = { name: "somebody", private: true, type: "module" };
  return manager === "bun" ? { ...manifest, overrides } : manifest;
}

function packagesIn(modules: string): readonly { readonly name: string; readonly version: string }[] {
  return readdirSync(modules, { withFileTypes: true }).flatMap((entry) => {
    const path = join(modules, entry.name);
    if (!entry.isDirectory() || entry.name.startsWith(".")) return [];
    if (entry.name.startsWith("@")) return packagesIn(path);
    const { name, version } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as {
      readonly name: string;
      readonly version: string;
    };
    const nested = readdirSync(path).includes("node_modules") ? packagesIn(join(path, "node_modules")) : [];
    return [{ name, version }, ...nested];
  });
}

function sizeOf(path: string): number {
  const status = lstatSync(path);
  if (!status.isDirectory()) return status.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
