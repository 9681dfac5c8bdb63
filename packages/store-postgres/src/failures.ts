/** What errors of the server and of the way to it mean. */
import { isMaiError, MaiError, messageOf } from "mai-orchestration-core";

/** Codes of the system and of Postgres that pass by themselves: the server restarts, is full, or cannot be reached. */
const passing: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
  "53300",
  "57P01",
  "57P02",
  "57P03",
]);

/** Whether the same may work a little later, on a new connection. */
export function passes(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== null) return passing.has(code) || code.startsWith("08");
  // What the driver says itself has no code.
  return /Connection terminated|timeout exceeded|Query read timeout|connection error|not queryable/i.test(
    messageOf(error),
  );
}

/** Whether the transaction lost against another one and is to be made again from its start. */
export function isLostRace(error: unknown): boolean {
  const code = codeOf(error);
  return error instanceof Overtaken || code === "40001" || code === "40P01" || code === "23505";
}

/** Rows were changed by somebody else between being read and being written. */
export class Overtaken extends Error {
  override readonly name = "Overtaken";
}

/** What callers are told. */
export function storeError(error: unknown, name: string): MaiError {
  if (isMaiError(error)) return error as MaiError;
  const code = codeOf(error);
  const text = messageOf(error) || code || "no reason given";
  if (code === "28P01" || code === "28000") {
    return new MaiError("store.failed", `${name} does not let us in: ${text}`, {
      hint: "Name user and password in the URL or with PGUSER and PGPASSWORD.",
      cause: error,
    });
  }
  if (passes(error)) {
    return new MaiError("store.busy", `${name} cannot be reached: ${text}`, {
      hint: "Is the server running, and is it reachable from here?",
      cause: error,
    });
  }
  return new MaiError("store.failed", `${name} failed: ${text}`, { cause: error });
}

function codeOf(error: unknown): string | null {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  return typeof code === "string" ? code : null;
}
