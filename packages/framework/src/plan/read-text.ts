/** A file's text, or a clear word on why it has none. */
import { createReadStream } from "node:fs";

/** The most a plan or configuration may hold. @internal */
const largestBytes: number = 10 * 1024 * 1024;

/** @internal */
export type TextReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly missing: boolean; readonly message: string; readonly hint: string };

/** Reads at most 10 MB of UTF-8 from a file or pipe. @internal */
export async function readText(file: string): Promise<TextReading> {
  try {
    const chunks: Uint8Array[] = [];
    // One byte more than allowed, so that an endless device is refused like a large file.
    for await (const chunk of createReadStream(file, { end: largestBytes })) chunks.push(chunk as Uint8Array);
    return textOf(Buffer.concat(chunks));
  } catch (error) {
    return unreadable(error);
  }
}

/** The text that some bytes hold. @internal */
export function textOf(bytes: Uint8Array): TextReading {
  if (bytes.byteLength > largestBytes) return tooLarge();
  if (bytes.includes(0)) return notText();
  try {
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return notText();
  }
}

function unreadable(error: unknown): TextReading {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return { ok: false, missing: true, message: "does not exist", hint: "Check the path." };
  }
  if (code === "EISDIR") return refuse("is a directory, not a file", "Name the file inside it.");
  if (code === "EACCES" || code === "EPERM") return refuse("may not be read", "Check its permissions.");
  return refuse(`cannot be read (${String(code ?? error)})`, "Check the path.");
}

function tooLarge(): TextReading {
  return refuse("is larger than 10 MB", "Split it into several files.");
}

function notText(): TextReading {
  return refuse("is not UTF-8 text", "Give a YAML or JSON file.");
}

function refuse(message: string, hint: string): TextReading {
  return { ok: false, missing: false, message, hint };
}
