/** As much of Markdown as council files need: headings with what stands below them, lists, tables, quotes. */

/** A heading and the lines up to the next heading of any level. @internal */
export interface Section {
  /** 1 to 6. */
  readonly level: number;
  readonly title: string;
  /** Of the heading, from 1. */
  readonly line: number;
  readonly body: readonly string[];
}

/** The sections of a text in order; what stands in fences is no heading. @internal */
export function sectionsOf(text: string): readonly Section[] {
  const sections: { level: number; title: string; line: number; body: string[] }[] = [];
  let fence: string | null = null;
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && fence === null) fence = mark;
    else if (mark !== undefined && fence !== null && mark.startsWith(fence)) fence = null;
    const heading = fence === null ? /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*$/.exec(line) : null;
    if (heading === null) sections.at(-1)?.body.push(line);
    else
      sections.push({ level: heading[1]?.length ?? 1, title: heading[2] ?? "", line: index + 1, body: [] });
  }
  return sections;
}

/** What stands below a section, its subsections left out, with quote marks taken off. @internal */
export function plainText({ body }: Section): string {
  return body
    .map((line) => line.replace(/^ {0,3}> ?/, ""))
    .join("\n")
    .trim();
}

/** The points of a list, each in one line with those that continue it; other lines are left out. @internal */
export function listItems(lines: readonly string[]): string[] {
  const items: string[] = [];
  let isOpen = false;
  for (const line of lines) {
    const point = /^\s{0,3}(?:[-*+]|\d{1,9}[.)])\s+(.*)$/.exec(line);
    if (point !== null) {
      items.push((point[1] ?? "").trim());
      isOpen = true;
    } else if (line.trim() === "") isOpen = false;
    else if (isOpen && /^\s+\S/.test(line)) items.push(`${items.pop() ?? ""} ${line.trim()}`);
  }
  return items.filter((item) => item !== "");
}

/** The rows of a table below its head, each by the names of its columns. @internal */
export function tableRows(lines: readonly string[]): Record<string, string>[] {
  const rows = lines.filter((line) => /^\s*\|/.test(line)).map(cellsOf);
  const [head, , ...rest] = rows;
  if (head === undefined) return [];
  return rest.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ""])));
}

function cellsOf(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return [...inner.matchAll(/((?:\\.|[^|\\])*)(?:\||$)/g)]
    .map(([, cell = ""]) => cell.trim().replace(/\\([\\|])/g, "$1"))
    .slice(0, -1)
    .concat(inner === "" ? [""] : []);
}

/** Text without emphasis and code marks around the whole of it. @internal */
export function unmarked(text: string): string {
  return text
    .trim()
    .replace(/^(\*\*|__|`)([\s\S]*)\1$/, "$2")
    .trim();
}
