/** A source file as the architecture rules see it: its imports, and its code without comments and strings. */
import { blank } from "./blank.ts";

export interface Import {
  readonly specifier: string;
  /** Names as the other module exports them; `*` for a namespace or everything. */
  readonly names: readonly string[];
  readonly typeOnly: boolean;
  /** Loaded when the code comes to it, not with the file. */
  readonly late: boolean;
  readonly line: number;
}

export interface SourceFile {
  /** Relative to the root, with forward slashes: `packages/core/src/task.ts`. */
  readonly path: string;
  readonly packageFolder: string;
  readonly imports: readonly Import[];
  /** The text with every comment and string blanked out; offsets and lines stay true. */
  readonly code: string;
}

export function parseSource(path: string, text: string): SourceFile {
  const code = blank(text, "comments and strings");
  const withStrings = blank(text, "comments");
  const packageFolder = path.split("/")[1] ?? "";
  return { path, packageFolder, imports: importsOf(withStrings, code), code };
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

const statement =
  /(?:^|[;}\n])[ \t]*(?<verb>import|export)\s+(?<clause>[^"'`;()]*?\bfrom\s*)?["'](?<specifier>[^"']+)["']/g;
const dynamic = /\bimport\s*\(\s*["'`](?<specifier>[^"'`]+)["'`]/g;

function importsOf(text: string, code: string): readonly Import[] {
  const found: Import[] = [];
  for (const match of text.matchAll(statement)) {
    const { clause = "", specifier = "" } = match.groups ?? {};
    const offset = match.index + match[0].lastIndexOf(specifier);
    // Blanked in `code` means that the statement itself stood in a string.
    const verbAt = match.index + match[0].indexOf(match.groups?.["verb"] ?? "");
    if (code[verbAt] === " ") continue;
    found.push({
      specifier,
      names: namesOf(clause),
      typeOnly: /^type\b/.test(clause.trim()),
      late: false,
      line: lineAt(text, offset),
    });
  }
  for (const match of text.matchAll(dynamic)) {
    if (code[match.index] === " ") continue;
    const specifier = match.groups?.["specifier"] ?? "";
    found.push({ specifier, names: ["*"], typeOnly: false, late: true, line: lineAt(text, match.index) });
  }
  return found;
}

function namesOf(clause: string): readonly string[] {
  const braces = /\{(?<list>[^}]*)\}/.exec(clause)?.groups?.["list"] ?? "";
  const named = braces
    .split(",")
    .map(
      (part) =>
        part
          .trim()
          .replace(/^type\s+/, "")
          .split(/\s+as\s+/)[0] ?? "",
    )
    .filter((name) => name !== "");
  return clause.includes("*") ? [...named, "*"] : named;
}
