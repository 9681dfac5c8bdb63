/** Finds the scripts in a text. */
import { closing, opening } from "./script.ts";

/** @internal */
export interface Extraction {
  /** The JSON of each outermost script, in order. */
  readonly sources: readonly string[];
  /** The text without its scripts. */
  readonly rest: string;
  /** What is wrong with a block that begins like a script and does not end like one. */
  readonly problem: string | null;
}

/** Scripts inside another script's strings belong to that script and are not listed. @internal */
export function extractScripts(text: string): Extraction {
  const sources: string[] = [];
  let rest = "";
  let position = 0;
  for (;;) {
    const start = text.indexOf(opening, position);
    if (start === -1) return { sources, rest: rest + text.slice(position), problem: null };
    rest += text.slice(position, start);

    const from = skipSpace(text, start + opening.length);
    if (text[from] !== "[" && text[from] !== "{") {
      // Prose that only mentions the opening.
      rest += opening;
      position = start + opening.length;
      continue;
    }

    const to = endOfJson(text, from);
    const end = to === null ? null : skipSpace(text, to);
    if (to === null || end === null || !text.startsWith(closing, end)) {
      return {
        sources,
        rest,
        problem: `a script that does not end in ${closing}: ${text.slice(from, from + 80)}`,
      };
    }
    sources.push(text.slice(from, to));
    position = end + closing.length;
  }
}

/** The index after the bracket that closes the one at `start`; brackets inside strings do not count. */
function endOfJson(text: string, start: number): number | null {
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") {
      depth--;
      if (depth === 0) return index + 1;
    }
  }
  return null;
}

function skipSpace(text: string, from: number): number {
  let index = from;
  while (index < text.length && /\s/.test(text[index] ?? "")) index++;
  return index;
}
