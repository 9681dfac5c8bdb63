import { MaiError } from "mai-orchestration-core";

/** What cannot be read, where, and what to do about it. @internal */
export function unreadable(
  source: string,
  place: string,
  what: string,
  hint: string,
  cause?: unknown,
): MaiError {
  const where = place === "" ? source : `${source}: ${place}`;
  return new MaiError(
    "council.unreadable",
    `${where} ${what}`,
    cause === undefined ? { hint } : { hint, cause },
  );
}
