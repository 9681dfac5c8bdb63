/** Statements that are prepared when they are first used: a process that only looks needs few of them. */
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** The statements of these texts, by the same names. */
export function prepared<Name extends string>(
  db: DatabaseSync,
  texts: Readonly<Record<Name, string>>,
): Readonly<Record<Name, StatementSync>> {
  const all = {} as Record<Name, StatementSync>;
  for (const name of Object.keys(texts) as Name[]) {
    Object.defineProperty(all, name, {
      configurable: true,
      get: () => {
        const value = db.prepare(texts[name]);
        // A plain property from now on.
        Object.defineProperty(all, name, { value });
        return value;
      },
    });
  }
  return all;
}
