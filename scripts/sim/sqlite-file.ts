/** A real SQLite file for a simulated machine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SimulateOptions } from "mai-orchestration-testkit";
import { openDatabase } from "../../packages/store-sqlite/src/database.ts";
import { SqliteTable } from "../../packages/store-sqlite/src/sqlite-table.ts";

/** Lends a new file to `use` and removes it afterwards. */
export async function withSqliteFile<T>(use: (options: SimulateOptions) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "mai-sim-"));
  const path = join(folder, "mai.db");
  try {
    // Nobody cuts the power of a simulated machine.
    return await use({
      openTable: () => new SqliteTable(openDatabase({ path, durability: "normal" }), path),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
