/** The runtime, and the folder. */
import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { exists, findRoot } from "../../config/find-root.ts";
import type { CommandIo } from "../io.ts";
import { type Finding, good, note, wrong } from "./finding.ts";

/** @internal */
export async function placeFindings(io: CommandIo): Promise<Finding[]> {
  const root = await findRoot(io.cwd);
  return [runtimeFinding(), await gitFinding(root, io), await folderFinding(root)];
}

function runtimeFinding(): Finding {
  const { bun, node } = process.versions;
  return good("runtime", bun === undefined ? `Node ${node}` : `Bun ${bun}`);
}

async function gitFinding(root: string, io: CommandIo): Promise<Finding> {
  const version = await gitVersion(io);
  if (version === null)
    return note("git", "not found", "Without git, receipts of checks name no tree. Install git.");
  if (await exists(join(root, ".git"))) return good("git", `${version}, work tree ${root}`);
  return note(
    "git",
    `${version}, but ${root} is in no work tree`,
    "Receipts of checks name the tree they saw only in git: `git init`.",
  );
}

function gitVersion(io: CommandIo): Promise<string | null> {
  return new Promise((resolve) => {
    const env = { PATH: io.env["PATH"] ?? "" };
    execFile("git", ["--version"], { env, timeout: 10_000 }, (error, stdout) => {
      resolve(error === null ? stdout.trim().replace(/^git version /, "") : null);
    });
  });
}

async function folderFinding(root: string): Promise<Finding> {
  const isWritable = await access(root, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isWritable) return good("folder", `${root} can be written`);
  return wrong(
    "folder",
    `${root} cannot be written`,
    "Runs keep their state in .mai there; change its permissions, or use --store.",
  );
}
