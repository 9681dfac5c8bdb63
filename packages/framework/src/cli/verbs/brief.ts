/** `mai brief`: what a session must know of the work here. */
import { MaiError } from "mai-orchestration-core/errors";
import { isPostgresUrl } from "../../store/shared-store.ts";
import { type Brief, briefOf } from "../brief/brief.ts";
import { exitCode, type Flag, jsonFlag, storeFlag, type Verb } from "../command.ts";
import { findStore } from "../store/find-store.ts";

const sessionFlag: Flag = {
  name: "session",
  value: "ID",
  summary: "also tell what ended since the last brief of that session, once",
};

/** @internal */
export const verb: Verb = {
  usage: "brief",
  args: [0, 0],
  flags: [sessionFlag, jsonFlag, storeFlag],
  details: `What runs, what has ended, what waits for a decision, where results are: facts from the store, in at most 8,000
characters. Claude Code gets the same from the hook \`mai hook session-start\`.`,
  examples: [
    ["mai brief", "what goes on here"],
    ["mai brief --session 2f0c", "and what ended since that session was told last"],
  ],
  async run(words, io) {
    const path = await findStore(words, io);
    if (isPostgresUrl(path)) {
      throw new MaiError("cli.usage", "A brief is made of a store in a file, and this one is shared", {
        hint: "`mai ps` and `mai status` show what goes on there.",
      });
    }
    const sessionId = words.value("session") ?? null;
    const brief = await briefOf({ path, sessionId, cwd: io.cwd, now: io.now() });
    const text = brief.text === "" ? "no runs yet" : brief.text;
    io.stdout.write(words.has("json") ? `${JSON.stringify(jsonOf(brief))}\n` : `${text}\n`);
    await io.stdout.drained();
    brief.remember();
    return exitCode.succeeded;
  },
};

function jsonOf({ overview, standings }: Brief): object {
  const { seq, runs, more } = overview;
  return {
    seq,
    runs: runs.map(({ run, workers: _, ...rest }) => ({ ...run, ...standings.get(run.runId), ...rest })),
    more,
  };
}
