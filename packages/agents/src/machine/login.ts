/** Whether an agent program has something to log in with: files and variables are looked at, nothing is started, no secret kept. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { configFolder } from "../claude-code/claude-code.ts";
import { parseLine, recordOf, textOf } from "../claude-code/json.ts";
import type { ProgramBackend } from "../program/programs.ts";

/** Whether a program can reach its model, as far as can be seen without asking it. @public */
export interface LoginState {
  /** `unknown` where credentials may be kept out of sight, as in a keychain. */
  readonly state: "yes" | "no" | "unknown";
  /** What was found, or everything that was looked at. */
  readonly lookedAt: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** One place that a login may be kept in, and what its being there says. */
interface Place {
  readonly name: string;
  readonly found: boolean;
  /** `maybe`: a setting that a login may hang on. */
  readonly says: "yes" | "maybe";
}

/**
 * What is known of a program's login. It spends nothing and starts nothing.
 *
 * @param env - where the program's variables and folders are looked for
 * @public
 */
export function loginOf(backend: ProgramBackend, env: Environment): LoginState {
  const places = placesOf[backend](env);
  const sure = places.find((place) => place.found && place.says === "yes");
  if (sure !== undefined) return { state: "yes", lookedAt: [sure.name] };
  const lookedAt = places.map((place) => place.name);
  const hint = places.find((place) => place.found);
  if (hint !== undefined) return { state: "unknown", lookedAt: [hint.name] };
  // It has models that ask for no login.
  if (backend === "opencode") return { state: "unknown", lookedAt };
  // On macOS the keychain holds logins, and asking it would ask the person.
  if (process.platform === "darwin" && inKeychain.includes(backend))
    return { state: "unknown", lookedAt: [...lookedAt, "not the keychain"] };
  return { state: "no", lookedAt };
}

const inKeychain: readonly ProgramBackend[] = ["claude-code", "codex", "gemini"];

const placesOf: Readonly<Record<ProgramBackend, (env: Environment) => readonly Place[]>> = {
  "claude-code"(env) {
    const folder = configFolder(env);
    const account = join(env["CLAUDE_CONFIG_DIR"] ?? homeOf(env), ".claude.json");
    return [
      ...variables(env, "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"),
      ...variables(env, "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"),
      file(join(folder, ".credentials.json")),
      setting(join(folder, "settings.json"), ["apiKeyHelper"]),
      setting(account, ["primaryApiKey"]),
    ];
  },
  codex(env) {
    const folder = env["CODEX_HOME"] ?? join(homeOf(env), ".codex");
    const config = join(folder, "config.toml");
    return [
      ...variables(env, "CODEX_API_KEY"),
      file(join(folder, "auth.json")),
      // A provider of its own has its own key; a keyring keeps a login out of sight.
      line(config, /^\s*(model_provider|cli_auth_credentials_store)\s*=/m),
      ...variables(env, "OPENAI_API_KEY").map((place) => ({ ...place, says: "maybe" as const })),
    ];
  },
  opencode(env) {
    // Where its attempts see it: XDG variables are not passed on to them.
    return [file(join(homeOf(env), ".local", "share", "opencode", "auth.json"))];
  },
  gemini(env) {
    const folder = join(homeOf(env), ".gemini");
    return [
      ...variables(
        env,
        "GEMINI_API_KEY",
        "GOOGLE_API_KEY",
        "GOOGLE_GENAI_USE_VERTEXAI",
        "GOOGLE_GENAI_USE_GCA",
      ),
      file(join(folder, "oauth_creds.json")),
      line(join(folder, ".env"), /^\s*(export\s+)?(GEMINI|GOOGLE)_API_KEY=./m, "yes"),
      setting(join(folder, "settings.json"), ["security", "auth", "selectedType"], "maybe"),
    ];
  },
  qwen(env) {
    const folder = join(homeOf(env), ".qwen");
    return [
      ...variables(env, "OPENAI_API_KEY", "DASHSCOPE_API_KEY"),
      file(join(folder, "oauth_creds.json")),
      line(join(folder, ".env"), /^\s*(export\s+)?(OPENAI|DASHSCOPE)_API_KEY=./m, "yes"),
      setting(join(folder, "settings.json"), ["security", "auth", "apiKey"]),
      setting(join(folder, "settings.json"), ["security", "auth", "selectedType"], "maybe"),
    ];
  },
};

function homeOf(env: Environment): string {
  return env["HOME"] ?? homedir();
}

function variables(env: Environment, ...names: readonly string[]): Place[] {
  return names.map((name) => ({ name, found: (env[name] ?? "") !== "", says: "yes" }));
}

function file(path: string): Place {
  return { name: path, found: existsSync(path), says: "yes" };
}

function line(path: string, pattern: RegExp, says: Place["says"] = "maybe"): Place {
  return { name: path, found: pattern.test(contentOf(path)), says };
}

/** A text in a JSON file. */
function setting(path: string, keys: readonly string[], says: Place["says"] = "yes"): Place {
  const value = keys.reduce<unknown>((at, key) => recordOf(at)?.[key], parseLine(contentOf(path).trim()));
  return { name: `${path} (${keys.join(".")})`, found: textOf(value) !== null, says };
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
