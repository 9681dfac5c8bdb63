/** What a tool is, and how the server comes by it. */
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { z } from "zod";
import { answered, envelopeOf, refused } from "../envelope.ts";
import type { Project } from "../project.ts";

/** What a call brings beside its arguments. @internal */
export interface Call {
  /** Aborts when the client takes the call back, or goes. */
  readonly signal: AbortSignal;
  /** Tells the client how far a waiting call is; nothing happens when it did not ask for that. */
  progress(done: number, total: number, message: string): Promise<void>;
}

/** @internal */
export interface Tool<Input extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  /** The fields of an answer beside `ok`. */
  readonly output: z.ZodRawShape;
  readonly hints: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
  };
  /** Resolves the answer's fields; what it rejects becomes the answer's error. */
  call(
    project: Project,
    input: z.output<z.ZodObject<Input>>,
    call: Call,
  ): Promise<Readonly<Record<string, unknown>>>;
}

/** Types the arguments of a tool by its shape. @internal */
export function tool<Input extends z.ZodRawShape>(definition: Tool<Input>): Tool {
  return definition as unknown as Tool;
}

/** @internal */
export function addTool(server: McpServer, project: Project, definition: Tool): void {
  const { name, title, description, input, output, hints } = definition;
  const annotations = { ...hints, openWorldHint: false };
  const config = { title, description, inputSchema: input, outputSchema: envelopeOf(output), annotations };
  server.registerTool(name, config, async (args: Record<string, unknown>, extra) => {
    const progressToken = extra._meta?.progressToken;
    const progress: Call["progress"] = async (done, total, message) => {
      if (progressToken === undefined) return;
      const params = { progressToken, progress: done, total, message };
      await extra.sendNotification({ method: "notifications/progress", params });
    };
    try {
      return answered(await definition.call(project, args as never, { signal: extra.signal, progress }));
    } catch (error) {
      return refused(error);
    }
  });
}
