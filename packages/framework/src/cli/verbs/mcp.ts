/** `mai mcp`: the MCP server, which is a package of its own. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MaiError } from "mai-orchestration-core/errors";
import { type Flag, jsonFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { storePathOf } from "../store/find-store.ts";

const readOnlyFlag: Flag = {
  name: "read-only",
  summary: "offer nothing that starts, continues or cancels work",
};

/** Not written into an import: it is there only where somebody installed it. */
const packageName: string = "mai-orchestration-mcp";

/** What the package must offer. */
interface McpPackage {
  serveMcp(options: {
    readonly io: CommandIo;
    readonly readOnly: boolean;
    readonly store: string | null;
  }): Promise<number>;
}

/** @internal */
export const verb: Verb = {
  usage: "mcp",
  args: [0, 0],
  flags: [readOnlyFlag, storeFlag, { ...jsonFlag, summary: "say what is wrong as JSON" }],
  details: `Speaks MCP on standard input and output, for the project of the current folder. Needs the package ${packageName}.
Runs that it starts go on in processes of their own and survive it.`,
  examples: [
    ["claude mcp add mai -- npx mai mcp", "let Claude Code farm out work in this project"],
    ["mai mcp --read-only", "let it only look"],
  ],
  async run(words, io) {
    const store = storePathOf(words, io) ?? null;
    const { serveMcp } = await loadPackage(io.cwd);
    return serveMcp({ io, readOnly: words.has("read-only"), store });
  },
};

/** Installed beside this package, or in the current project. */
async function loadPackage(cwd: string): Promise<McpPackage> {
  try {
    return (await import(packageName)) as McpPackage;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    const path = createRequire(join(cwd, "package.json")).resolve(packageName);
    return (await import(pathToFileURL(path).href)) as McpPackage;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new MaiError("cli.not-installed", `\`mai mcp\` needs the package ${packageName}`, {
      hint: `Install it beside this one: npm install ${packageName}.`,
    });
  }
}

/** Bun's errors of this kind are no `Error`. */
function isMissing(error: unknown): boolean {
  const { code, message } = (typeof error === "object" && error !== null ? error : {}) as {
    readonly code?: unknown;
    readonly message?: unknown;
  };
  const isAbsent = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
  return isAbsent && String(message).includes(packageName);
}
