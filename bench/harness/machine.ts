/** What the figures were measured on. Names no host, user or path. */
import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from "node:fs";
import { arch, cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { figureOf } from "./figure.ts";
import { withFolder } from "./folder.ts";
import { executableOf } from "./runtimes.ts";
import { formatFigure, formatNumber } from "./table.ts";

/** Rows of name and value. */
export type MachineFacts = readonly (readonly [string, string])[];

export const peers: readonly string[] = ["plainjob", "better-sqlite3", "bunqueue", "openworkflow", "p-queue"];

export async function describeMachine(): Promise<MachineFacts> {
  const packages = peers.map(
    (name) => `${name} ${versionOf(new URL(`../node_modules/${name}/package.json`, import.meta.url))}`,
  );
  const framework = versionOf(new URL("../../packages/framework/package.json", import.meta.url));
  return [
    ["date", new Date().toISOString().slice(0, 10)],
    ["CPU", `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores`],
    ["memory", `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ["system", `${type()} ${release()} ${arch()}`],
    [
      "load at the start",
      `${formatNumber(loadavg()[0] ?? 0, 1)} processes wanted a core (average of a minute)`,
    ],
    ["disk", await withFolder(describeDisk)],
    [
      "runtimes",
      `Node ${process.versions.node} (SQLite ${process.versions["sqlite"] ?? "unknown"}), Bun ${bunVersion()}`,
    ],
    ["ours", `mai-orchestration-framework ${framework}`],
    ["peers", packages.join(", ")],
  ];
}

/** Figures at `synchronous=FULL` stand and fall with what one forced write costs, so it is measured as well. */
async function describeDisk(folder: string): Promise<string> {
  const file = join(folder, "probe");
  const descriptor = openSync(file, "w");
  const block = Buffer.alloc(4096, 1);
  const micros = Array.from({ length: 200 }, () => {
    writeSync(descriptor, block);
    const start = performance.now();
    fdatasyncSync(descriptor);
    return (performance.now() - start) * 1000;
  });
  closeSync(descriptor);
  rmSync(file);
  return `${fileSystemName(statfsSync(folder).type)}, fdatasync of 4 KiB ${formatFigure(figureOf(micros))} us`;
}

function fileSystemName(magic: number): string {
  const names: Readonly<Record<number, string>> = {
    61267: "ext4",
    1481003842: "xfs",
    2435016766: "btrfs",
    16914836: "tmpfs",
    2035054128: "overlayfs",
    26: "apfs",
  };
  return names[magic] ?? `file system 0x${magic.toString(16)}`;
}

function bunVersion(): string {
  return execFileSync(executableOf("bun"), ["--version"], { encoding: "utf8" }).trim();
}

function versionOf(manifest: URL): string {
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return version;
}
