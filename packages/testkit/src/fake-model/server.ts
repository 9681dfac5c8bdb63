/**
 * A model server on loopback that does what the prompt's script says, in the
 * wire formats of four providers. All it knows of a conversation is in the
 * request, so any number of agents, sub-agents and resumed sessions can talk
 * to one server at the same time. The one exception is a step with `times`:
 * how often its error was given is counted, per prompt, attempt and step.
 *
 * It proves the plumbing between an agent program and a model, and nothing
 * about how well any model works.
 */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { RecordedRequest, Session } from "./handle.ts";
import { handle } from "./handle.ts";

/** Where the server listens, and how much it takes and keeps. @public */
export interface FakeModelOptions {
  /** @defaultValue a free one */
  readonly port?: number;
  /** Bytes of the largest request taken; larger ones are answered 413. @defaultValue 64 MiB */
  readonly maxRequestBytes?: number;
  /** Requests kept in `requests`; the oldest go first. @defaultValue 2_000 */
  readonly maxRecorded?: number;
}

/** A server that runs, what it was asked, and how to end it. @public */
export interface FakeModel {
  /** The base URL, such as `http://127.0.0.1:40123`, to which clients add `/v1/...`. */
  readonly url: string;
  /** In order of arrival; grows while the server lives. */
  readonly requests: readonly RecordedRequest[];
  /** Drops every connection and resolves when the port is free. Safe to call twice. */
  close(): Promise<void>;
}

/** Starts a server that listens on 127.0.0.1 only. @public */
export async function startFakeModel(options: FakeModelOptions = {}): Promise<FakeModel> {
  const { port = 0, maxRequestBytes = 64 * 1024 * 1024, maxRecorded = 2_000 } = options;
  const requests: RecordedRequest[] = [];
  const session: Session = {
    maxRequestBytes,
    closing: new AbortController(),
    errorsGiven: new Map(),
    newId: idSource(),
    record(request) {
      requests.push(request);
      if (requests.length > maxRecorded) requests.shift();
    },
  };
  const server = createServer((request, response) => {
    response.on("error", () => {});
    handle(session, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });

  let closed: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close() {
      session.closing.abort();
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

/** Ids of calls stay in a session's history, which may meet another server later: no two servers give the same. */
function idSource(): () => string {
  const prefix = randomBytes(6).toString("hex");
  let count = 0;
  return () => `${prefix}${(++count).toString(36).padStart(6, "0")}`;
}
