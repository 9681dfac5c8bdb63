/** The backend that drives OpenCode (`opencode run --format json`). */
import type { Backend } from "../backend.ts";
import {
  type AskingProgramOptions,
  accessOf,
  type ResolvedOptions,
  resolveOptions,
} from "../program/options.ts";
import { programFacts } from "../program/programs.ts";
import { programBackend } from "../program/run-program.ts";
import { foldOpenCode } from "./stream.ts";

/** What an agent's OpenCode may do. @public */
export type OpenCodeOptions = AskingProgramOptions;

/**
 * Does tasks with OpenCode, prompt on stdin; a model is named
 * `provider/model`. Throws `agent.invalid` for options that could never work;
 * whether the program is installed shows when a task runs.
 *
 * @public
 */
export function openCode(options: OpenCodeOptions = {}): Backend {
  const resolved = resolveOptions(programFacts.opencode.name, programFacts.opencode.command, options);
  return programBackend({
    ...programFacts.opencode,
    statesCost: true,
    executable: resolved.executable,
    env: { ...quiet, ...resolved.env },
    session: /^ses_[A-Za-z0-9]{1,64}$/,
    sessionGone: /session not found/i,
    patienceMs: resolved.patienceMs,
    launch: ({ resume }) => ({
      command: [
        resolved.executable,
        // With a title given it asks its model for none, which would cost tokens that it does not tell of.
        ...["run", "--format", "json", "--title", "mai"],
        ...(resolved.model === null ? [] : ["--model", resolved.model]),
        ...(resume === null ? [] : ["--session", resume]),
      ],
      env: { OPENCODE_PERMISSION: JSON.stringify(openCodePermission(resolved)) },
      fold: foldOpenCode,
    }),
  });
}

const quiet = {
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
};

const readers = [
  "read",
  "glob",
  "grep",
  "list",
  "lsp",
  "skill",
  "todoread",
  "todowrite",
  "webfetch",
  "websearch",
];

/** OpenCode's setting `permission`; the last rule that matches holds. @internal */
export function openCodePermission(options: ResolvedOptions): Readonly<Record<string, unknown>> {
  const { reads, edits, shell, everything } = accessOf(options);
  if (everything) return { "*": "allow" };
  const listed = Object.fromEntries(options.allow.map((pattern) => [pattern, "allow"]));
  return {
    "*": "deny",
    ...(reads && Object.fromEntries(readers.map((tool) => [tool, "allow"]))),
    ...(edits && { edit: "allow", task: "allow" }),
    external_directory: "deny",
    bash: shell === "all" ? "allow" : { "*": "deny", ...listed },
  };
}
