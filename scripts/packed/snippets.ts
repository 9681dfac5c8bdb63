/** The code blocks of a README, and how each one becomes a module that can be compiled and run. */

export interface Snippet {
  /** The heading under which the block stands. */
  readonly heading: string;
  readonly line: number;
  readonly code: string;
}

/** Every fenced block of TypeScript, in the order of the text. */
export function extractSnippets(markdown: string): readonly Snippet[] {
  const snippets: Snippet[] = [];
  let heading = "";
  let open: { readonly line: number; readonly typescript: boolean; readonly lines: string[] } | undefined;
  for (const [index, line] of markdown.split(/\r?\n/).entries()) {
    const fence = /^\s*```(?<language>\w*)/.exec(line)?.groups?.["language"];
    if (open === undefined && fence !== undefined) {
      open = { line: index + 1, typescript: ["typescript", "ts"].includes(fence), lines: [] };
    } else if (open !== undefined && fence !== undefined) {
      if (open.typescript) snippets.push({ heading, line: open.line, code: open.lines.join("\n") });
      open = undefined;
    } else if (open !== undefined) {
      open.lines.push(line);
    } else {
      heading = /^#+\s+(?<title>.+?)\s*$/.exec(line)?.groups?.["title"] ?? heading;
    }
  }
  if (open !== undefined) throw new Error(`The code block that starts on line ${open.line} never ends`);
  return snippets;
}

/** What a reader has in front of a snippet, and what a test adds behind it. */
export interface Surroundings {
  readonly preamble?: string;
  readonly epilogue?: string;
}

/**
 * A module around the snippet, which itself stays as it is written. Names that it uses without importing them are
 * imported; an import of a name that the package does not export is left for the compiler to refuse.
 */
export function wrapSnippet(
  code: string,
  surroundings: Surroundings,
  packageName: string,
  exported: readonly string[],
): string {
  const { preamble = "", epilogue = "" } = surroundings;
  const body = [preamble, code, epilogue].filter((part) => part !== "").join("\n\n");
  const missing = exported.filter((name) => uses(body, name) && !declares(body, name));
  const imports = missing.length === 0 ? "" : `import { ${missing.join(", ")} } from "${packageName}";\n`;
  return `${imports}${body}\n\nexport {};\n`;
}

function uses(code: string, name: string): boolean {
  const withoutComments = code.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "");
  return new RegExp(`(?<![.\\w$])${name}\\b(?!\\s*:)`).test(withoutComments);
}

function declares(code: string, name: string): boolean {
  const imported = new RegExp(`import\\s+(?:type\\s+)?\\{[^}]*\\b${name}\\b[^}]*\\}`).test(code);
  return imported || new RegExp(`\\b(?:const|let|var|function|class)\\s+${name}\\b`).test(code);
}
