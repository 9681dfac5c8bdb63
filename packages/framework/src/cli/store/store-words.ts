/** What a printed command line needs so that it means the same store again. */
import { resolve } from "node:path";
import { isPostgresUrl, withoutSecrets } from "../../store/shared-store.ts";
import type { CommandIo } from "../io.ts";
import { storeFrom } from "./find-store.ts";

/** A word as a shell reads it back. @internal */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) && !word.startsWith("-") ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * ` --store PATH` for a store that a verb typed in the current folder would not
 * find by itself; else empty.
 *
 * @internal
 */
export async function storeWords(path: string, { cwd }: Pick<CommandIo, "cwd">): Promise<string> {
  const found = await storeFrom(cwd).catch(() => null);
  if (isPostgresUrl(path)) return found === path ? "" : ` --store ${shellWord(withoutSecrets(path))}`;
  return found !== null && resolve(found) === resolve(path) ? "" : ` --store ${shellWord(resolve(path))}`;
}
