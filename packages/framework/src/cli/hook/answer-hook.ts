/** What is done when Claude Code calls a hook. */
import { statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { messageOf } from "mai-orchestration-core/errors";
import {
  type HookEvent,
  type HookPayload,
  readHookPayload,
  type SessionStartPayload,
} from "mai-project-system/payload";
import { isPostgresUrl } from "../../store/shared-store.ts";
import { briefOf } from "../brief/brief.ts";
import { forgetOldSessions } from "../brief/told.ts";
import type { CommandIo } from "../io.ts";
import { storeFrom } from "../store/find-store.ts";
import { noteAgents } from "./agent-notes.ts";

/** Resolves to what went wrong, or `null`. A payload that is none changes nothing. @internal */
export async function answerHook(event: HookEvent, text: string, io: CommandIo): Promise<string | null> {
  const read = readHookPayload(text, event);
  if (!read.ok) return read.problem;
  try {
    return await answer(read.payload, projectOf(read.payload, io), io);
  } catch (error) {
    return messageOf(error);
  }
}

async function answer(payload: HookPayload, project: string, io: CommandIo): Promise<string | null> {
  const found = await storeFrom(project);
  // Hooks answer within a second or two, and keep their notes beside the store: one elsewhere is not asked.
  const store = found === null || isPostgresUrl(found) ? null : found;
  switch (payload.event) {
    case "SessionStart":
      if (store !== null) await tell(store, payload, project, io);
      return null;
    case "SubagentStop":
    case "Stop":
      // Without a store this is no project of ours, and nothing is left in it.
      if (store !== null) noteAgents(store, payload, io.now());
      return null;
    case "PreCompact": {
      const { saveSession } = await import("./save-session.ts");
      return saveSession(payload, { project, store, now: io.now() });
    }
    case "SessionEnd": {
      const { refreshSession } = await import("./save-session.ts");
      const problem = await refreshSession(payload, { project, store, now: io.now() });
      if (store !== null) forgetOldSessions(store, io.now());
      return problem;
    }
  }
}

async function tell(
  path: string,
  { sessionId, source }: SessionStartPayload,
  cwd: string,
  io: CommandIo,
): Promise<void> {
  // Without a note of it: when it began there was no store yet, so all that is in there is news.
  const isUnderWay = source === "compact" || source === "resume";
  const brief = await briefOf({ path, sessionId, isUnderWay, cwd, now: io.now() });
  if (brief.text !== "") {
    const hookSpecificOutput = { hookEventName: "SessionStart", additionalContext: brief.text };
    io.stdout.write(`${JSON.stringify({ hookSpecificOutput })}\n`);
    // Told first and remembered then: what dies between is told twice rather than never.
    await io.stdout.drained();
  }
  brief.remember();
}

/** Where Claude Code was started; its current folder may have moved on. */
function projectOf(payload: HookPayload, { env }: CommandIo): string {
  const started = env["CLAUDE_PROJECT_DIR"];
  if (started === undefined || !isAbsolute(started)) return payload.cwd;
  return statSync(started, { throwIfNoEntry: false })?.isDirectory() === true ? started : payload.cwd;
}
