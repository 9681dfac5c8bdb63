/** Which agent programs this machine has. Starts no session and spends nothing. */
import { randomUUID } from "node:crypto";
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { claudeInstallCommand } from "./claude-code/classify.ts";
import { configFolder } from "./claude-code/claude-code.ts";
import { parseLine, recordOf, textOf } from "./claude-code/json.ts";
import { runProcess } from "./process/run-process.ts";
import { lastLineOf } from "./text.ts";

/** Whether a program can reach its model, as far as can be seen without asking it. @public */
export interface LoginState {
  /** `unknown` where credentials may be kept out of sight, as in a keychain. */
  readonly state: "yes" | "no" | "unknown";
  /** What was found, or everything that was looked at. */
  readonly lookedAt: readonly string[];
}

/** What was found out about one agent program of this machine. @public */
export interface AgentProgram {
  /** `claude`, `codex`, `gemini`, `opencode`, `qwen`. */
  readonly name: string;
  /** Absolute; `null` when it is not installed. */
  readonly path: string | null;
  /** As it states it; `null` when it states none in time. */
  readonly version: string | null;
  /** Whether this version of ours drives it. */
  readonly driven: boolean;
  readonly login: LoginState | null;
  readonly installCommand: string | null;
}

/** Where agent programs are looked for, and how long they may take to answer. @public */
export interface ProbeOptions {
  /** @defaultValue `process.env` */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for all programs together to state their versions. @defaultValue 10_000 */
  readonly timeoutMs?: number;
}

const programs = ["claude", "codex", "gemini", "opencode", "qwen"];

/** Looks for agent programs on PATH. Never rejects. @public */
export async function probeAgents(options: ProbeOptions = {}): Promise<readonly AgentProgram[]> {
  const env = options.env ?? process.env;
  return Promise.all(
    programs.map(async (name): Promise<AgentProgram> => {
      const path = findProgram(name, env["PATH"] ?? "");
      const driven = name === "claude";
      return {
        name,
        path,
        version: path === null ? null : await versionOf(path, env, options.timeoutMs ?? 10_000),
        driven,
        login: driven && path !== null ? claudeLogin(env) : null,
        installCommand: driven ? claudeInstallCommand : null,
      };
    }),
  );
}

/** The file that a program's name means; `null` when there is none. @public */
export function findProgram(name: string, path: string): string | null {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    if (folder !== "" && isProgram(file)) return file;
  }
  return null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

async function versionOf(path: string, env: ProbeOptions["env"], timeoutMs: number): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), "mai-probe-"));
  try {
    const end = await runProcess({
      command: [path, "--version"],
      cwd: folder,
      env: env?.["PATH"] === undefined ? {} : { PATH: env["PATH"] },
      outputFile: join(folder, "output"),
      mark: `probe-${randomUUID()}`,
      signal: new AbortController().signal,
      timeoutMs,
    });
    if (end.cause !== "exited" || end.exitCode !== 0) return null;
    return /\d+\.\d+[\w.+-]*/.exec(end.tail)?.[0] ?? (lastLineOf(end.tail) || null);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const keyVariables = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"];
const cloudVariables = ["CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"];

/** Whether Claude Code has something to log in with. No secret is kept or shown. @internal */
export function claudeLogin(env: Readonly<Record<string, string | undefined>>): LoginState {
  const set = [...keyVariables, ...cloudVariables].find((name) => (env[name] ?? "") !== "");
  if (set !== undefined) return { state: "yes", lookedAt: [`${set} is set`] };
  const folder = configFolder(env);
  const credentials = join(folder, ".credentials.json");
  if (existsSync(credentials)) return { state: "yes", lookedAt: [`${credentials} exists`] };
  const settings = join(folder, "settings.json");
  if (has(settings, "apiKeyHelper")) return { state: "yes", lookedAt: [`${settings} names an apiKeyHelper`] };
  const account = join(env["CLAUDE_CONFIG_DIR"] ?? env["HOME"] ?? homedir(), ".claude.json");
  if (has(account, "primaryApiKey")) return { state: "yes", lookedAt: [`${account} holds a key`] };
  const lookedAt = [...keyVariables, ...cloudVariables, credentials, settings, account];
  // On macOS the keychain holds the login, and asking it would ask the person.
  if (process.platform === "darwin") return { state: "unknown", lookedAt: [...lookedAt, "not the keychain"] };
  return { state: "no", lookedAt };
}

function has(file: string, key: string): boolean {
  try {
    return textOf(recordOf(parseLine(readFileSync(file, "utf8").trim()))?.[key]) !== null;
  } catch {
    return false;
  }
}
