/**
 * What stands between the marks: a text for people and agents, and behind it
 * data for programs. What does not fit lies in files, which the block names.
 */
import { cut } from "../text.ts";
import { blockChars, maxBlockChars } from "./block.ts";

/** Where the parts of a block are. @internal */
export interface BlockContent {
  /** Without the lines that name files. */
  readonly text: string;
  /** The file with all of the text. */
  readonly textFile?: string;
  readonly dataJson?: string;
  readonly dataFile?: string;
}

const inlineData = /(?:^|\n\n)Saved state:\n\n```json\n([^\n]*)\n```$/;
const dataFile = /(?:^|\n\n)Saved state: `([^`\n]*\bstate-[0-9a-f]{16}\.json)`$/;
const textFile = /(?:^|\n\n)All of it: `([^`\n]*\bsession-[0-9a-f]{16}\.md)`$/;

/** @internal */
export function renderContent(content: BlockContent): string {
  return [
    ...(content.text === "" ? [] : [content.text]),
    ...(content.textFile === undefined ? [] : [`All of it: \`${content.textFile}\``]),
    ...(content.dataJson === undefined ? [] : [`Saved state:\n\n\`\`\`json\n${content.dataJson}\n\`\`\``]),
    ...(content.dataFile === undefined ? [] : [`Saved state: \`${content.dataFile}\``]),
  ].join("\n\n");
}

/** @internal */
export function readContent(text: string): BlockContent {
  const inline = inlineData.exec(text);
  const file = dataFile.exec(text);
  const withoutData = text.slice(0, inline?.index ?? file?.index ?? text.length);
  const all = textFile.exec(withoutData);
  return {
    text: withoutData.slice(0, all?.index ?? withoutData.length),
    ...(all?.[1] !== undefined && { textFile: all[1] }),
    ...(inline?.[1] !== undefined && { dataJson: inline[1] }),
    ...(file?.[1] !== undefined && { dataFile: file[1] }),
  };
}

/** @internal */
export function fits(content: BlockContent): boolean {
  return blockChars(renderContent(content)) <= maxBlockChars;
}

/** `content` with as many of the first lines of its text as fit. @internal */
export function cutToFit(content: BlockContent): BlockContent {
  let text = cut(content.text, maxBlockChars);
  while (text !== "" && !fits({ ...content, text })) {
    const lastLine = text.lastIndexOf("\n");
    text = lastLine > 0 ? text.slice(0, lastLine).trimEnd() : cut(text, Math.max(0, text.length - 100));
  }
  return { ...content, text };
}

/** Text as it may stand in a block: line feeds only, no lines that look like ours, nothing that is lost on the way to a file. @internal */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, "\n")
    .replaceAll("<!-- mai:state", "<!-- mai state")
    .replace(/^(Saved state|All of it):(?= `|$)/gm, "$1 is")
    .replace(/\s+$/, "");
}

/** On one line, and without what would end a comment. @internal */
export function cleanJson(value: unknown): string {
  return (JSON.stringify(value) ?? "null").toWellFormed().replaceAll("<", "\\u003c");
}
