/** Finds the object that an agent was asked for in what it said around it. */

/**
 * Every JSON object in a text that has all of these keys: the whole text, objects in fences, then any others, the last
 * one first, for an agent's last word counts.
 *
 * @internal
 */
export function findObjects(text: string, keys: readonly string[]): Record<string, unknown>[] {
  const found = [text.trim(), ...fences(text).reverse(), ...braced(text)].flatMap((candidate) => {
    const value = parse(candidate);
    return value !== undefined && keys.every((key) => Object.hasOwn(value, key)) ? [value] : [];
  });
  return found;
}

function fences(text: string): string[] {
  return [...text.matchAll(/^[ \t]*(`{3,}|~{3,})[^\n]*\n([\s\S]*?)\n[ \t]*\1/gm)].map(([, , body = ""]) =>
    body.trim(),
  );
}

/** The outermost balanced `{...}` of a text, the last one first; at most so many, for a text may be full of braces. */
const mostBraced = 200;

function braced(text: string): string[] {
  const found: string[] = [];
  let end = 0;
  let unclosed = 0;
  for (let start = text.indexOf("{"); start >= 0 && found.length < mostBraced; ) {
    const close = closingOf(text, start);
    if (close === undefined) {
      end = start + 1;
    } else {
      found.push(text.slice(start, close + 1));
      end = close + 1;
    }
    start = text.indexOf("{", end);
    // Braces that never close make each look run to the end of the text.
    if (close === undefined && ++unclosed > mostBraced) break;
  }
  return found.reverse();
}

function closingOf(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (inString) {
      if (character === "\\") i++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{") depth++;
    else if (character === "}" && --depth === 0) return i;
  }
  return undefined;
}

function parse(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  for (const attempt of [text, withoutTrailingCommas(text)]) {
    try {
      const value: unknown = JSON.parse(attempt);
      return typeof value === "object" && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : undefined;
    } catch {
      // The next reading may do.
    }
  }
  return undefined;
}

/** Commas before a closing bracket, outside of strings. */
function withoutTrailingCommas(text: string): string {
  return text.replace(
    /("(?:[^"\\]|\\.)*")|,(\s*[}\]])/g,
    (_, quoted?: string, close?: string) => quoted ?? close ?? "",
  );
}
