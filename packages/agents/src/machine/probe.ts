/** Which agent programs this machine has, and whether they still are what we drive. Starts no session and spends nothing. */
import { randomUUID } from "node:crypto";
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parseLine, recordOf } from "../claude-code/json.ts";
import { runProcess } from "../process/run-process.ts";
import {
  type ProgramBackend,
  type ProgramFacts,
  programBackends,
  programFacts,
} from "../program/programs.ts";
import { lastLineOf } from "../text.ts";
import { type LoginState, loginOf } from "./login.ts";

/** What was found out about one agent program of this machine. @public */
export interface AgentProgram {
  readonly backend: ProgramBackend;
  /** Of its command: `claude`, `codex`, `opencode`, `gemini`, `qwen`. */
  readonly name: string;
  /** Absolute; `null` when it is not installed. */
  readonly path: string | null;
  /** As it states it; `null` when it states none in time. */
  readonly version: string | null;
  /** `null` when it is not installed. */
  readonly login: LoginState | null;
  /** Flags that our attempts pass and its help does not name; `null` when they were not asked for, or it gave no help. */
  readonly lacksFlags: readonly string[] | null;
  readonly installCommand: string;
  readonly loginRemedy: string;
}

/** Where agent programs are looked for, and how long they may take to answer. @public */
export interface ProbeOptions {
  /** @defaultValue `process.env` */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for each question to a program. @defaultValue 10_000 */
  readonly timeoutMs?: number;
  /** Whether programs are asked for their flags too, once per version; what they said is kept in the user's cache folder. @defaultValue `false` */
  readonly flags?: boolean;
}

/** Looks for agent programs on PATH, in the order in which one is chosen. Never rejects. @public */
export async function probeAgents(options: ProbeOptions = {}): Promise<readonly AgentProgram[]> {
  return Promise.all(programBackends.map((backend) => probe(programFacts[backend], options)));
}

async function probe(facts: ProgramFacts, options: ProbeOptions): Promise<AgentProgram> {
  const env = options.env ?? process.env;
  const { backend, command, installCommand, loginRemedy } = facts;
  const path = findProgram(command, env["PATH"] ?? "");
  const found = { backend, name: command, path, installCommand, loginRemedy };
  if (path === null) return { ...found, version: null, login: null, lacksFlags: null };
  const version = await versionOf(path, options);
  const known = options.flags === true ? await flagsOf(facts, path, version, options) : null;
  const lacksFlags = known === null ? null : facts.flags.filter((flag) => !known.includes(flag));
  return { ...found, version, login: loginOf(backend, env), lacksFlags };
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

async function versionOf(path: string, options: ProbeOptions): Promise<string | null> {
  const said = await ask([path, "--version"], options);
  if (said === null) return null;
  return /\d+\.\d+[\w.+-]*/.exec(said)?.[0] ?? (lastLineOf(said) || null);
}

/** The flags that a program names, from what it said before where its version is the same; `null` when it names none. */
async function flagsOf(
  facts: ProgramFacts,
  path: string,
  version: string | null,
  options: ProbeOptions,
): Promise<readonly string[] | null> {
  const env = options.env ?? process.env;
  const kept = version === null ? null : cacheFileOf(env, facts.command, version);
  const before = kept === null ? null : readFlags(kept, path);
  if (before !== null) return before;
  const said = await ask([path, ...facts.help], options);
  const flags = [...new Set((said ?? "").match(/(?<![\w-])--[A-Za-z][\w-]*/g) ?? [])];
  if (flags.length === 0) return null;
  if (kept !== null) keepFlags(kept, path, flags);
  return flags;
}

function cacheFileOf(env: NonNullable<ProbeOptions["env"]>, command: string, version: string): string | null {
  const home = env["HOME"] ?? "";
  const own = process.platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
  const folder = env["XDG_CACHE_HOME"] || (home === "" ? "" : own);
  if (folder === "") return null;
  return join(
    folder,
    "mai-orchestration",
    "flags",
    `${command}-${version.replaceAll(/[^\w.+-]/g, "_")}.json`,
  );
}

function readFlags(file: string, path: string): readonly string[] | null {
  try {
    const kept = recordOf(parseLine(readFileSync(file, "utf8")));
    if (kept?.["path"] !== path || !Array.isArray(kept["flags"])) return null;
    return kept["flags"].filter((flag) => typeof flag === "string");
  } catch {
    return null;
  }
}

/** A folder that cannot be written only means that the program is asked again. */
function keepFlags(file: string, path: string, flags: readonly string[]): void {
  try {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, `${JSON.stringify({ path, flags })}\n`);
  } catch {}
}

/** What a program prints and exits with 0 after; `null` otherwise. */
async function ask(
  command: readonly [string, ...string[]],
  { env = process.env, timeoutMs = 10_000 }: ProbeOptions,
): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), "mai-probe-"));
  const seen = Object.entries(env).filter(
    ([name, value]) => value !== undefined && ["PATH", "HOME"].includes(name),
  );
  try {
    const end = await runProcess({
      command,
      cwd: folder,
      env: Object.fromEntries(seen) as Record<string, string>,
      outputFile: join(folder, "output"),
      mark: `probe-${randomUUID()}`,
      signal: new AbortController().signal,
      timeoutMs,
    });
    return end.cause === "exited" && end.exitCode === 0 ? end.tail : null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
