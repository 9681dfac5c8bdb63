/** The server with all that it offers, for any transport. */
import { readFileSync } from "node:fs";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { CommandIo } from "mai-orchestration-framework/cli";
import { projectOf } from "./project.ts";
import { addResources } from "./resources.ts";
import { approveTool, rejectTool } from "./tools/answer.ts";
import { cancelTool } from "./tools/cancel.ts";
import { resultsTool } from "./tools/results.ts";
import { resumeTool } from "./tools/resume.ts";
import { statusTool } from "./tools/status.ts";
import { submitTool } from "./tools/submit.ts";
import { addTool } from "./tools/tool.ts";
import { whyTool } from "./tools/why.ts";

/** What a server serves. @public */
export interface ServerOptions {
  /** Its folder is the project, its `self` starts engines. */
  readonly io: Pick<CommandIo, "cwd" | "env" | "self" | "now">;
  readonly readOnly: boolean;
  /** Of the store, absolute; `null`: the one that holds in the project. */
  readonly store: string | null;
}

/**
 * What a client is told first. A description of a tool says how it is called, this says when.
 */
const instructions = `Hands tasks to agents that work outside of this conversation, checks what they did, and keeps the results.
Work goes on when this conversation is compacted or ends. \`submit\` starts a run and returns at once; \`status\` says where it
stands; \`results\` gives what ended, page by page. Every call of \`submit\` names a key: the same key again is the same run.`;

/** Connect it to a transport. It starts nothing by itself. @public */
export function createServer({ io, readOnly, store }: ServerOptions): McpServer {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  };
  const server = new McpServer({ name: "mai", version }, { instructions });
  const project = projectOf(io, store);
  for (const tool of [statusTool, resultsTool, whyTool]) addTool(server, project, tool);
  const acting = [submitTool, resumeTool, cancelTool, approveTool, rejectTool];
  if (!readOnly) for (const tool of acting) addTool(server, project, tool);
  addResources(server, project);
  return server;
}
