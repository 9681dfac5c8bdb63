/** What arrives at a hook, up to what a payload may have. */
import { maxPayloadChars } from "./read-hook-payload.ts";

/**
 * Reads a hook's standard input to its end, but no further than shows that it
 * is too large to be a payload. From a terminal, where nobody would end it,
 * nothing is read.
 *
 * @public
 */
export async function readHookInput(
  stream: AsyncIterable<Uint8Array | string> & { isTTY?: boolean },
): Promise<string> {
  if (stream.isTTY === true) return "";
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of stream) {
    text += typeof piece === "string" ? piece : decoder.decode(piece, { stream: true });
    if (text.length > maxPayloadChars) return text;
  }
  return text + decoder.decode();
}
