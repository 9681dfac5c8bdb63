import { randomBytes } from "node:crypto";

/** A new run's id: `run-<time, base36>-<random>`, so that ids sort by time. @internal */
export function newRunId(now: number): string {
  const random = randomBytes(5).readUIntBE(0, 5).toString(36).padStart(8, "0").slice(-6);
  return `run-${now.toString(36)}-${random}`;
}
