/** A project in which the real Claude Code holds a session, with our plugin, against the fake model. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Store, systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import {
  claudeEnvironment,
  type FakeModel,
  type FakeStep,
  type InstalledClaude,
  script,
  startFakeModel,
} from "mai-orchestration-testkit";
import { repositoryRoot } from "../../scripts/lib/repository.ts";

/** What one process of Claude Code printed: one object a line. */
type Line = Readonly<Record<string, unknown>> & { readonly type: string; readonly subtype?: string };

/** A tool's answer, as the session saw it. */
interface ToolAnswer {
  readonly tool: string;
  readonly answer: Readonly<Record<string, unknown>>;
}

interface Session {
  readonly child: ChildProcess;
  lines(): readonly Line[];
  /** Answers of our tools, in order. */
  answers(): readonly ToolAnswer[];
  /** Resolves once it has ended. */
  readonly ended: Promise<number | null>;
}

export interface SessionProject extends AsyncDisposable {
  readonly root: string;
  readonly home: string;
  readonly model: FakeModel;
  read(file: string): string;
  write(file: string, text: string): void;
  has(file: string): boolean;
  /** Starts or resumes a session that does what the steps say. */
  talk(steps: readonly FakeStep[], flags: readonly string[]): Session;
  /** Looks at the project's store. */
  look<T>(work: (store: Store) => Promise<T>): Promise<T>;
  /** Runs `mai` in the project and gives what it printed. */
  mai(...args: string[]): string;
  /** Runs `claude` with other words than a conversation's. */
  claude(...args: string[]): string;
}

export const plugin = join(repositoryRoot, "plugin");

/** Goes away with its scope. */
export async function openSessionProject(claude: InstalledClaude): Promise<SessionProject> {
  const folder = mkdtempSync(join(tmpdir(), "mai-session-"));
  const root = join(folder, "project");
  const home = join(folder, "home");
  mkdirSync(join(root, "node_modules", ".bin"), { recursive: true });
  mkdirSync(join(home, ".claude"), { recursive: true });
  execFileSync("git", ["init", "-q"], { cwd: root });
  const bin = join(root, "node_modules", ".bin", "mai");
  const source = join(repositoryRoot, "packages", "framework", "test", "support", "mai-from-source.ts");
  writeFileSync(bin, `#!/bin/sh\nexec "${process.execPath}" --conditions=mai-source "${source}" "$@"\n`);
  chmodSync(bin, 0o755);
  const model = await startFakeModel();
  const env = claudeEnvironment(model.url, home);
  const running = new Set<ChildProcess>();
  return {
    ...{ root, home, model },
    read: (file) => readFileSync(join(root, file), "utf8"),
    write: (file, text) => writeFileSync(join(root, file), text),
    has: (file) => existsSync(join(root, file)),
    async look(work) {
      const store = openSqliteStore({
        path: join(root, ".mai", "mai.db"),
        mustExist: true,
        clock: systemClock,
      });
      return work(store).finally(() => store.close());
    },
    mai: (...args) => execFileSync(bin, args, { cwd: root, encoding: "utf8", env }),
    claude: (...args) => execFileSync(claude.executable, args, { cwd: root, encoding: "utf8", env }),
    talk(steps, flags) {
      const words = ["-p", "--model", "claude-sonnet-4-5", "--output-format", "stream-json", "--verbose"];
      const own = ["--plugin-dir", plugin, "--allowedTools", "mcp__plugin_mai_mai", "Bash"];
      const child = spawn(claude.executable, [...words, ...own, ...flags], { cwd: root, env, stdio: "pipe" });
      running.add(child);
      child.stdin.end(`Do as the script says. ${script(steps)}`);
      return sessionOf(child);
    },
    async [Symbol.asyncDispose]() {
      for (const child of running) child.kill("SIGKILL");
      // Engines outlive their session; none may outlive its test.
      if (existsSync(join(root, ".mai"))) spawnSync(bin, ["cancel"], { cwd: root, env, timeout: 60_000 });
      await model.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
    },
  };
}

function sessionOf(child: ChildProcess): Session {
  let text = "";
  child.stdout?.on("data", (piece) => {
    text += String(piece);
  });
  const errors: string[] = [];
  child.stderr?.on("data", (piece) => errors.push(String(piece)));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const lines = (): readonly Line[] =>
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  return { child, lines, answers: () => answersIn(lines()), ended };
}

interface Block {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly tool_use_id?: string;
  readonly content?: string | readonly { readonly text?: string }[];
}

function answersIn(lines: readonly Line[]): readonly ToolAnswer[] {
  const names = new Map<string, string>();
  const found: ToolAnswer[] = [];
  for (const { type, ...line } of lines) {
    if (type !== "assistant" && type !== "user") continue;
    const { content } = line["message"] as { readonly content: string | readonly Block[] };
    for (const block of typeof content === "string" ? [] : content) {
      if (block.type === "tool_use") names.set(block.id ?? "", block.name ?? "");
      const name = names
        .get(block.tool_use_id ?? "")
        ?.split("__")
        .at(-1);
      if (block.type === "tool_result" && name !== undefined)
        found.push({ tool: name, answer: parse(block) });
    }
  }
  return found;
}

function parse({ content }: Block): Readonly<Record<string, unknown>> {
  const text =
    typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("");
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}
