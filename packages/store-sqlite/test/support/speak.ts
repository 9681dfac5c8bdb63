/** How a child talks with its test. */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

/** Written before anything else happens, so that a kill right after cannot take it back. */
export function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const reader = createInterface(process.stdin);

/** Resolves at the next line from the test. */
export async function hear(): Promise<void> {
  await once(reader, "line");
}

/** Lets the process end. */
export function hangUp(): void {
  reader.close();
  process.stdin.destroy();
}
