/** The fake model's hands: reading requests and writing answers, within bounds. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { WireEvent } from "./wire.ts";

/** @internal */
export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: number; readonly problem: string };

/** Reads a JSON body to its end; of one that is too large nothing is kept. @internal */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > maxBytes)
    return { ok: false, status: 413, problem: `The request is larger than ${maxBytes} bytes` };
  if (bytes === 0) return { ok: true, value: {} };
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString("utf8")) };
  } catch (error) {
    return { ok: false, status: 400, problem: `The body is not JSON: ${String(error)}` };
  }
}

/** @internal */
export function sendJson(
  response: ServerResponse,
  status: number,
  answer: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(answer === null ? undefined : JSON.stringify(answer));
}

/** `hang` sends no event and never ends; `cut` drops the connection after the first event. @internal */
export async function sendEvents(
  response: ServerResponse,
  events: Iterable<WireEvent>,
  ending: "end" | "hang" | "cut",
): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  if (ending === "hang") return;
  for (const { event, data } of events) {
    const name = event === undefined ? "" : `event: ${event}\n`;
    const text = typeof data === "string" ? data : JSON.stringify(data);
    await write(response, `${name}data: ${text}\n\n`);
    if (ending === "cut" || response.destroyed) return void response.destroy();
  }
  response.end();
}

/** Resolves when there is room for more, so that a slow reader does not fill the memory. */
async function write(response: ServerResponse, text: string): Promise<void> {
  if (response.write(text) || response.destroyed) return;
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(response, "drain", { signal }), once(response, "close", { signal })]).catch(
    () => {},
  );
  settled.abort();
}

/** Resolves after `ms`, or at once when the client or the server goes. @internal */
export function waitUnlessGone(ms: number, response: ServerResponse, closing: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      response.off("close", done);
      closing.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.on("close", done);
    closing.addEventListener("abort", done);
  });
}
