/** `mai hook`: answers Claude Code's hooks. Whatever goes wrong here, the session goes on. */
import type { HookEvent } from "mai-project-system/payload";
import { exitCode, jsonFlag, usageError, type Verb } from "../command.ts";
import { answerHook } from "../hook/answer-hook.ts";

const events: ReadonlyMap<string, HookEvent> = new Map([
  ["pre-compact", "PreCompact"],
  ["session-start", "SessionStart"],
  ["subagent-stop", "SubagentStop"],
  ["stop", "Stop"],
  ["session-end", "SessionEnd"],
]);

/** @internal */
export const verb: Verb = {
  usage: "hook EVENT",
  args: [1, 1],
  flags: [{ ...jsonFlag, summary: "say what is wrong as JSON" }],
  details: `EVENT is pre-compact, session-start, subagent-stop, stop or session-end; the payload comes on standard input.
pre-compact saves the state of the session and of the work into its block of CLAUDE.local.md; session-start gives the
brief back to the session. Exits with 1 and one line when something is wrong, and never with 2, which would block.`,
  examples: [["mai hook session-start < payload.json", "what a session is told"]],
  async run(words, io) {
    const [name = ""] = words.args;
    const event = events.get(name);
    if (event === undefined)
      throw usageError(`${JSON.stringify(name)} is none of ${[...events.keys()].join(", ")}`, "hook");
    const problem = await answerHook(event, new TextDecoder().decode(await io.readStdin()), io);
    if (problem === null) return exitCode.succeeded;
    const line = problem.replace(/\s+/g, " ");
    io.stderr.write(
      words.has("json") ? `${JSON.stringify({ error: { message: line } })}\n` : `mai hook ${name}: ${line}\n`,
    );
    return exitCode.failed;
  },
};
