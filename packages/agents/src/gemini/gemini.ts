/** The backend that drives Gemini CLI (`gemini -o stream-json`). */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Backend } from "../backend.ts";
import {
  type AskingProgramOptions,
  accessOf,
  type ResolvedOptions,
  resolveOptions,
} from "../program/options.ts";
import { programFacts } from "../program/programs.ts";
import { programBackend } from "../program/run-program.ts";
import { policyOf } from "./policy.ts";
import { foldGemini } from "./stream.ts";

/** What an agent's Gemini CLI may do. @public */
export type GeminiOptions = AskingProgramOptions;

/**
 * Does tasks with Gemini CLI, prompt on stdin. Throws `agent.invalid` for
 * options that could never work; whether the program is installed shows when a
 * task runs.
 *
 * @public
 */
export function gemini(options: GeminiOptions = {}): Backend {
  const resolved = resolveOptions(programFacts.gemini.name, programFacts.gemini.command, options);
  const policy = policyOf(resolved);
  return programBackend({
    ...programFacts.gemini,
    statesCost: false,
    executable: resolved.executable,
    // It would start itself anew to get more memory, as a process that nobody asked for.
    env: { GEMINI_CLI_NO_RELAUNCH: "true", ...resolved.env },
    session: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    sessionGone: /error resuming session|invalid session identifier|no previous sessions/i,
    patienceMs: resolved.patienceMs,
    launch({ resume, folder }) {
      const file = join(folder, "policy.toml");
      if (policy !== null) writeFileSync(file, policy);
      return {
        command: [
          resolved.executable,
          ...["--output-format", "stream-json", "--skip-trust", "--approval-mode", modeOf(resolved)],
          ...(policy === null ? [] : ["--policy", file]),
          ...(resolved.model === null ? [] : ["--model", resolved.model]),
          ...(resume === null ? [] : ["--resume", resume]),
        ],
        env: {},
        fold: foldGemini,
      };
    },
  });
}

function modeOf(options: ResolvedOptions): string {
  const { everything, edits } = accessOf(options);
  if (everything) return "yolo";
  return edits ? "auto_edit" : "default";
}
