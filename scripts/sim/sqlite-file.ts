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
  const opened: SqliteTable[] = [];
  const openTable = (): SqliteTable => {
    // Nobody cuts the power of a simulated machine.
    const table = new SqliteTable(openDatabase({ path, durability: "normal" }), path);
    opened.push(table);
    return table;
  };
  try {
    return await use({ openTable });
  } finally {
    for (const table of opened) table.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
