/** The server on standard input and output. */
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { CommandIo } from "mai-orchestration-framework/cli";
import { createServer } from "./create-server.ts";

/** What is served, and how. @public */
export interface ServeOptions {
  /** Of the process: its folder is the project, its `self` starts engines. */
  readonly io: CommandIo;
  /** Whether everything that starts, continues or cancels work is left out. */
  readonly readOnly: boolean;
  /** Of the store, absolute; `null`: the one that holds in the project. */
  readonly store: string | null;
}

/**
 * Serves until the client goes or a signal comes, and resolves to the exit
 * code. Runs that were started go on.
 *
 * @public
 */
export async function serveMcp(options: ServeOptions): Promise<number> {
  const server = createServer(options);
  const transport = new StdioServerTransport();
  await server.connect(transport);
  await new Promise<void>((resolve) => {
    server.server.onclose = resolve;
    // The transport itself does not look whether its client is gone.
    process.stdin.once("end", resolve);
    process.stdin.once("close", resolve);
    options.io.onSignal(() => resolve());
  });
  await server.close();
  return 0;
}
