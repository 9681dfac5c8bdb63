/** The runtimes that are promised, each with a PATH on which no agent program can be found. */
import { existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { repositoryRoot } from "../lib/repository.ts";
import { runOrThrow } from "../lib/run-command.ts";

export interface Runtime {
  readonly name: string;
  readonly program: string;
  /** Stands before the file to run. */
  readonly parameters: readonly string[];
  /** Which manager's installation it is tested with. */
  readonly manager: "npm" | "bun";
  /** Nothing but the runtime and plain tools: whoever runs the tests may have real agents installed. */
  readonly path: string;
}

/** The oldest Node that is supported. */
const oldestNode = "22.13.0";

const tools = ["sh", "bash", "env", "git", "ps", "cat", "test", "mkdir", "uname"];

/** Node 22 comes from npm into the repository's cache; Node 24 and Bun are there as devDependencies. */
export async function prepareRuntimes(folder: string): Promise<readonly Runtime[]> {
  const bin = join(repositoryRoot, "node_modules", ".bin");
  const programs = [
    { name: "Node 22", command: "node", program: await installNode(oldestNode), manager: "npm" as const },
    { name: "Node 24", command: "node", program: realpathSync(join(bin, "node")), manager: "npm" as const },
    { name: "Bun", command: "bun", program: realpathSync(join(bin, "bun")), manager: "bun" as const },
  ];
  return programs.map(({ name, command, program, manager }) => ({
    name,
    program,
    manager,
    parameters: command === "bun" ? ["--bun"] : [],
    path: plainPath(join(folder, `bin-${name.toLowerCase().replace(" ", "-")}`), command, program),
  }));
}

async function installNode(version: string): Promise<string> {
  const folder = join(repositoryRoot, ".cache", `node-${version}`);
  const program = join(folder, "node_modules", "node", "bin", "node");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "oldest-node", private: true }));
  const parameters = ["install", "--no-audit", "--no-fund", "--loglevel=error", `node@${version}`];
  await runOrThrow("npm", parameters, { cwd: folder, timeoutMs: 180_000 });
  return program;
}

function plainPath(folder: string, command: string, program: string): string {
  mkdirSync(folder, { recursive: true });
  symlinkSync(program, join(folder, command));
  for (const tool of tools) {
    const found = (process.env["PATH"] ?? "")
      .split(delimiter)
      .map((directory) => join(directory, tool))
      .find((candidate) => existsSync(candidate));
    if (found !== undefined) symlinkSync(found, join(folder, tool));
  }
  return folder;
}
