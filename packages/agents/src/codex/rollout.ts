/** Codex's own record of a session: the only place that knows the usage of a turn that failed, and what its sandbox refused. */
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Usage } from "mai-orchestration-core";
import { parseLine, recordOf, textOf } from "../claude-code/json.ts";
import { callOf } from "../program/told.ts";
import { usageOf } from "./stream.ts";

/** @internal */
export interface Rollout {
  /** Of the whole session; `null` where the record does not tell. */
  readonly usage: Usage | null;
  /** Commands that the sandbox refused, by the id of the call. */
  readonly denials: Readonly<Record<string, string>>;
  readonly lines: number;
}

/** The file of a session; `null` when there is none. @internal */
export function findRollout(
  sessionId: string,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  const home = env["CODEX_HOME"] ?? join(env["HOME"] ?? homedir(), ".codex");
  const folder = join(home, "sessions");
  try {
    const found = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const file = found.find((name) => name.endsWith(`-${sessionId}.jsonl`));
    return file === undefined ? null : join(folder, file);
  } catch {
    return null;
  }
}

/** @internal */
export function readRollout(file: string, fromLine = 0): Rollout {
  try {
    return foldRollout(readFileSync(file, "utf8"), fromLine);
  } catch {
    return { usage: null, denials: {}, lines: 0 };
  }
}

const refusals = /read-only file system|operation not permitted|sandbox/i;

/** Denials are looked for from line `fromLine` on, usage in all lines. Pure. @internal */
export function foldRollout(text: string, fromLine: number): Rollout {
  const calls = new Map<string, string>();
  const denials: Record<string, string> = {};
  let usage: Usage | null = null;
  const lines = text.split("\n");
  for (const [at, line] of lines.entries()) {
    const payload = recordOf(parseLine(line)?.["payload"]);
    const id = textOf(payload?.["call_id"]) ?? "";
    switch (payload?.["type"]) {
      case "token_count":
        usage = usageOf(recordOf(recordOf(payload["info"])?.["total_token_usage"])) ?? usage;
        break;
      case "function_call":
        calls.set(id, callOf("shell", recordOf(parseLine(textOf(payload["arguments"]) ?? "")) ?? {}));
        break;
      case "function_call_output": {
        const output = textOf(payload["output"]) ?? "";
        const isFailure = !/Process exited with code 0\b/.test(output);
        if (at >= fromLine && isFailure && refusals.test(output)) denials[id] = calls.get(id) ?? "a command";
      }
    }
  }
  return { usage, denials, lines: lines.length };
}
