/** A fresh folder beside the benchmarks, on the same disk as the code; `/tmp` is memory on some systems. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const parent = fileURLToPath(new URL("../.cache/", import.meta.url));

/** Calls `use` with an empty folder, and removes the folder whatever becomes of it. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "run-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
