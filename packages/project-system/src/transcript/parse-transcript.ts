/** A transcript that is in memory. */
import { keepAll } from "./retention.ts";
import type { ParsedTranscript } from "./transcript.ts";
import { transcriptReader } from "./transcript-reader.ts";

/**
 * Reads the text of a transcript: Claude Code's own lines, those of its
 * `stream-json` output, or the original's simple ones. Lines that are not JSON
 * or of an unknown kind are passed over; no text makes it throw.
 *
 * @example
 * const transcript = parseTranscript('{"type":"tool_use","tool":"Edit","params":{"file_path":"a.ts"}}');
 * console.log(getModifiedFiles(transcript)); // [ 'a.ts' ]
 *
 * @public
 */
export function parseTranscript(text: string): ParsedTranscript {
  const reader = transcriptReader(keepAll);
  let from = text.startsWith("\ufeff") ? 1 : 0;
  while (from < text.length) {
    const newline = text.indexOf("\n", from);
    const to = newline === -1 ? text.length : newline;
    reader.take(text.slice(from, to));
    from = to + 1;
  }
  return reader.finish();
}
