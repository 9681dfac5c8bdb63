/** Decisions of councils from files, whatever form they have. */
import type { Decision } from "../decision.ts";
import { isProse, readProse } from "./read-prose.ts";
import { readCouncilResult } from "./read-result.ts";
import { isSessionFile, readSession } from "./read-session.ts";
import { unreadable } from "./unreadable.ts";

/**
 * The decision in a text: a result as JSON, a session file, or a synthesis in prose. Throws `council.unreadable`,
 * naming the place and what to do.
 *
 * @param source - the text as its reader knows it, such as its path
 * @public
 */
export function readCouncil(text: string, source: string): Decision {
  if (text.trim() === "") throw unreadable(source, "", "is empty", formsHint);
  if (/^\s*[{[]/.test(text)) return readCouncilResult(parse(text, source), source);
  if (isSessionFile(text)) return readSession(text, source);
  if (isProse(text)) return readProse(text, source);
  throw unreadable(source, "", "holds no decision of a council", formsHint);
}

function parse(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw unreadable(source, "", `is no JSON: ${why}`, "Write the result again; was it cut?", error);
  }
}

const formsHint =
  "Give a council's result as JSON, its session file (`# Council Session: ...`), or a synthesis (`### Council Synthesis`).";
