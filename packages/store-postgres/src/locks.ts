/** Names of advisory locks: numbers that are the same for everybody who means the same. */
import { createHash } from "node:crypto";

/** @param parts - the namespace, then what is locked in it */
export function lockOf(...parts: readonly string[]): bigint {
  return createHash("sha256").update(JSON.stringify(parts)).digest().readBigInt64BE();
}
