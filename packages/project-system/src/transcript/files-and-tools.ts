/** Which files a session touched, and which tools it used. */
import type { ParsedTranscript, ToolCall } from "./transcript.ts";
import { textAt } from "./values.ts";

/** Files that were edited or written, each once, in the order in which they were first touched. @public */
export function getModifiedFiles(transcript: ParsedTranscript): string[] {
  return [...(transcript.facts?.modifiedFiles ?? touchedBy(transcript.toolCalls, modifiedFileOf))];
}

/** Files that were read, each once, in the order in which they were first read. @public */
export function getReadFiles(transcript: ParsedTranscript): string[] {
  return [...(transcript.facts?.readFiles ?? touchedBy(transcript.toolCalls, readFileOf))];
}

/** How often each tool was used. @public */
export function getToolUsageSummary(transcript: ParsedTranscript): Record<string, number> {
  if (transcript.facts !== undefined) return { ...transcript.facts.toolUsage };
  const usage = new Map<string, number>();
  for (const { tool } of transcript.toolCalls) usage.set(tool, (usage.get(tool) ?? 0) + 1);
  return Object.fromEntries(usage);
}

/** @internal */
export function modifiedFileOf({ tool, params, isError }: ToolCall): string | undefined {
  if (isError === true) return undefined;
  return modifyingTools.has(tool) ? textAt(params, "file_path", "notebook_path") : undefined;
}

/** @internal */
export function readFileOf({ tool, params, isError }: ToolCall): string | undefined {
  if (isError === true) return undefined;
  return tool === "Read" ? textAt(params, "file_path") : undefined;
}

const modifyingTools: ReadonlySet<string> = new Set(["Edit", "Write", "NotebookEdit", "MultiEdit"]);

function touchedBy(
  calls: readonly ToolCall[],
  fileOf: (call: ToolCall) => string | undefined,
): ReadonlySet<string> {
  return new Set(calls.map(fileOf).filter((file) => file !== undefined));
}
