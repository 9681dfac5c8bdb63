#!/usr/bin/env node
// Small on purpose: answers `--version` without loading anything else, and says
// what is missing before a newer syntax or module could fail with a riddle.
import { readFileSync } from "node:fs";
import * as nodeModule from "node:module";

const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  process.stdout.write(`${version}\n`);
} else if (isTooOld()) {
  process.stderr.write(
    `mai: needs Node 22.13 or newer (or Bun 1.4); this is Node ${process.versions.node}\n` +
      "     Install a newer one from https://nodejs.org, or run `bunx mai`.\n",
  );
  process.exitCode = 4;
} else {
  // Keeps compiled code between starts, which a command that is typed often needs; Bun has no such call.
  nodeModule.enableCompileCache?.();
  const { main } = await loadMain();
  await main(args);
}

function isTooOld() {
  if (process.versions.bun !== undefined) return false;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major < 22 || (major === 22 && minor < 13);
}

async function loadMain() {
  try {
    return await import("../dist/cli/main.js");
  } catch (error) {
    if (error?.code !== "ERR_MODULE_NOT_FOUND" || !String(error.message).includes("cli/main.js")) throw error;
    process.stderr.write(
      "mai: is not built yet\n     In a clone of the repository: npm install (or npm run build).\n",
    );
    process.exit(4);
  }
}
