/** The two runtimes: the Node that runs the benchmarks, and the Bun that the repository brings along. */
import { fileURLToPath } from "node:url";

export type Runtime = "node" | "bun";

export function executableOf(runtime: Runtime): string {
  return runtime === "node"
    ? process.execPath
    : fileURLToPath(new URL("../../node_modules/.bin/bun", import.meta.url));
}
