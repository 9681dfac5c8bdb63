/** A transcript on disk, read in pieces: a file of any size takes a bounded amount of memory. */
import { open } from "node:fs/promises";
import { MaiError, messageOf } from "mai-orchestration-core/errors";
import { tellsNothing } from "./relevance.ts";
import { keepNewest } from "./retention.ts";
import type { ParsedTranscript } from "./transcript.ts";
import { type TranscriptReader, transcriptReader } from "./transcript-reader.ts";

const pieceBytes = 1024 * 1024;
/** A line past that is passed over. Claude Code keeps large outputs in files of their own. */
const maxLineBytes = 32 * 1024 * 1024;
const newline = 0x0a;

/**
 * Reads a transcript from a file. What grows with the file is bounded: the
 * newest calls and messages are kept, long texts are cut, and the todo list,
 * the agents, the files and the use of tools are gathered on the way.
 *
 * Rejects `transcript.unreadable` if the file is missing or cannot be read.
 * Whatever stands in it, bytes that are no text included, costs only itself.
 *
 * @public
 */
export async function parseTranscriptFile(path: string): Promise<ParsedTranscript> {
  const reader = transcriptReader(keepNewest);
  try {
    const file = await open(path);
    try {
      const lines = lineSplitter(reader);
      // One buffer for the whole file: what is kept of a piece is copied.
      const piece = Buffer.allocUnsafe(pieceBytes);
      for (;;) {
        const { bytesRead } = await file.read(piece, 0, pieceBytes, null);
        if (bytesRead === 0) break;
        lines.piece(piece.subarray(0, bytesRead));
      }
      lines.end();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new MaiError(
      "transcript.unreadable",
      `The transcript ${path} cannot be read: ${messageOf(error)}`,
      {
        hint: "Check the path; Claude Code removes transcripts after a while.",
        cause: error,
      },
    );
  }
  return reader.finish();
}

interface LineSplitter {
  piece(bytes: Buffer): void;
  end(): void;
}

/** Hands on whole lines. Of a line that is too long, no more is held than shows that it is. */
function lineSplitter(reader: TranscriptReader): LineSplitter {
  let begun: Buffer[] = [];
  let begunBytes = 0;

  const hold = (bytes: Buffer): void => {
    begunBytes += bytes.length;
    if (begunBytes > maxLineBytes) begun = [];
    else begun.push(Buffer.from(bytes));
  };
  const endLine = (): void => {
    if (begunBytes > maxLineBytes) reader.skip();
    else take(reader, Buffer.concat(begun));
    begun = [];
    begunBytes = 0;
  };
  return {
    piece(bytes) {
      let from = 0;
      for (let to = bytes.indexOf(newline); to !== -1; to = bytes.indexOf(newline, from)) {
        if (begunBytes === 0) take(reader, bytes.subarray(from, to));
        else {
          hold(bytes.subarray(from, to));
          endLine();
        }
        from = to + 1;
      }
      if (from < bytes.length) hold(bytes.subarray(from));
    },
    end() {
      if (begunBytes > 0) endLine();
    },
  };
}

function take(reader: TranscriptReader, line: Buffer): void {
  if (line.length === 0 || tellsNothing(line)) return;
  // Bytes that are no UTF-8 become replacement characters; a mark at the start is taken off by the decoder.
  reader.take(decoder.decode(line));
}

const decoder = new TextDecoder();
