/** Whether a wall can be built here: being installed is not enough where namespaces are forbidden. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastLineOf } from "../text.ts";
import { runProcess } from "./run-process.ts";
import { behindWall } from "./wall.ts";

/** Milliseconds that an empty program may take behind a wall. */
const timeoutMs = 10_000;

/** Runs an empty program behind a wall. Resolves what went wrong, in one line; `null` when nothing did. @public */
export async function probeWall(): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), "mai-wall-"));
  const mark = `wall.${randomUUID()}`;
  const { signal } = new AbortController();
  const outputFile = join(folder, "output.log");
  try {
    const options = { command: ["true"], cwd: folder, outputFile, mark, signal, timeoutMs } as const;
    const end = await behindWall(mark, () => runProcess(options));
    if (end.cause === "exited" && end.exitCode === 0) return null;
    return end.startFailure?.message ?? (lastLineOf(end.tail) || `exit code ${end.exitCode ?? "unknown"}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
