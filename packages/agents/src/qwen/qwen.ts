/** The backend that drives Qwen Code (`qwen --output-format stream-json`). */
import { addUsage } from "mai-orchestration-core";
import type { Backend } from "../backend.ts";
import {
  type AskingProgramOptions,
  accessOf,
  invalid,
  type ResolvedOptions,
  resolveOptions,
} from "../program/options.ts";
import type { Launch, LaunchOptions } from "../program/program.ts";
import { programFacts } from "../program/programs.ts";
import { programBackend } from "../program/run-program.ts";
import { usedBefore } from "./chat-record.ts";
import { foldQwen } from "./stream.ts";

/** What an agent's Qwen Code may do. @public */
export interface QwenOptions extends AskingProgramOptions {
  /** Turns of the model after which an attempt ends as failed. */
  readonly maxTurns?: number;
}

const shell = "run_shell_command";

/**
 * Does tasks with Qwen Code, prompt on stdin. Throws `agent.invalid` for
 * options that could never work; whether the program is installed shows when a
 * task runs.
 *
 * @public
 */
export function qwen(options: QwenOptions = {}): Backend {
  const resolved = resolveOptions(programFacts.qwen.name, programFacts.qwen.command, options);
  const { maxTurns } = options;
  if (maxTurns !== undefined && !(Number.isInteger(maxTurns) && maxTurns > 0))
    throw invalid("Qwen Code", "maxTurns must be a positive integer");
  // It splits its lists of tools at commas.
  for (const pattern of resolved.allow)
    if (pattern.includes(",")) throw invalid("Qwen Code", `allow "${pattern}" must not hold a comma`);
  const limits = maxTurns === undefined ? [] : ["--max-session-turns", String(maxTurns)];
  return programBackend({
    ...programFacts.qwen,
    statesCost: false,
    executable: resolved.executable,
    env: resolved.env,
    session: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    sessionGone: /no saved session found/i,
    patienceMs: resolved.patienceMs,
    launch: (asked) => launch(resolved, limits, asked),
  });
}

function launch(options: ResolvedOptions, limits: readonly string[], { resume, env }: LaunchOptions): Launch {
  const access = accessOf(options);
  const mode = access.everything ? "yolo" : access.edits ? "auto-edit" : "default";
  const allowed = access.shell === "all" ? [shell] : options.allow.map((pattern) => `${shell}(${pattern})`);
  const before = resume === null ? null : usedBefore(resume, env);
  return {
    command: [
      options.executable,
      ...["--output-format", "stream-json", "--approval-mode", mode],
      ...(access.everything || allowed.length === 0 ? [] : ["--allowed-tools", ...allowed]),
      ...(access.reads ? [] : ["--core-tools", shell]),
      ...limits,
      ...(options.model === null ? [] : ["--model", options.model]),
      ...(resume === null ? [] : ["--resume", resume]),
    ],
    env: {},
    fold: foldQwen,
    finish(told) {
      if (resume === null || told.usage === null) return told;
      // It counts a session from its beginning, also what earlier attempts of it used.
      return { ...told, usage: before === null ? null : addUsage(told.usage, before) };
    },
  };
}
