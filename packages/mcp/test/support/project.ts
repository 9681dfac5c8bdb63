/** A folder that a server serves, and a client of it. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { onTestFinished } from "vitest";

const mai = fileURLToPath(new URL("mai-from-source.ts", import.meta.url));

/** The words that start `mai` from the sources. */
export const selfWords: readonly string[] = [process.execPath, "--conditions=mai-source", mai];

/** Removed when the test has finished. */
export function folder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "mai-mcp-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return path;
}

/** A client of `mai mcp` in a process of its own. */
export async function connect(cwd: string, flags: readonly string[] = []): Promise<Client> {
  const [command = "", ...words] = selfWords;
  const client = new Client({ name: "test", version: "1" });
  const transport = new StdioClientTransport({
    command,
    args: [...words, "mcp", ...flags],
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" },
  });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
}

export type Answer = Readonly<Record<string, unknown>> & {
  readonly ok: boolean;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string | null };
};

/** Calls a tool and gives its envelope, after comparing it with the text. */
export async function call(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
  onprogress?: (progress: { progress: number; total?: number | undefined }) => void,
): Promise<Answer> {
  const options = { timeout: 120_000, ...(onprogress && { onprogress }) };
  const result = (await client.callTool({ name, arguments: args }, undefined, options)) as CallToolResult;
  const [content] = result.content;
  const answer = (content?.type === "text" ? JSON.parse(content.text) : undefined) as Answer;
  if (JSON.stringify(result.structuredContent) !== JSON.stringify(answer))
    throw new Error(`Text and structure differ: ${JSON.stringify(result)}`);
  if ((result.isError === true) === answer.ok)
    throw new Error(`It is an error or it is ok: ${JSON.stringify(result)}`);
  return answer;
}

/** Tasks that are shell commands. */
export function tasks(commands: Readonly<Record<string, string>>): Record<string, unknown>[] {
  return Object.entries(commands).map(([id, command]) => ({
    id,
    type: "test",
    description: `Do ${id}`,
    success_criteria: "it exits with 0",
    command,
  }));
}
