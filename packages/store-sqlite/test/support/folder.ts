import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new empty folder, to be removed by the test. */
export function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "mai-sqlite-"));
}
