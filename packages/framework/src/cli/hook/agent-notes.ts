/**
 * What hooks were told of a session's agents: newer than its transcript, which lags behind. A line for each call, because
 * several hooks may write at the same time.
 */
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { HookPayload } from "mai-project-system/payload";
import { safeFileName } from "../../execution/safe-file-name.ts";
import { notesFolder } from "../store/notes-folder.ts";

/** @internal */
export interface AgentNotes {
  /** Ids of agents that have stopped. */
  readonly stopped: ReadonlySet<string>;
  /** When the session stopped last (ISO 8601), and which agents were still at work then. */
  readonly pause: { readonly at: string; readonly working: readonly string[] } | null;
}

type Note = { readonly stopped: string } | NonNullable<AgentNotes["pause"]>;

/** @internal */
export function noteAgents(storePath: string, payload: HookPayload, now: number): void {
  const note = noteOf(payload, now);
  if (note === null) return;
  const file = fileFor(storePath, payload.sessionId);
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(note)}\n`);
}

/** @internal */
export function readAgentNotes(storePath: string, sessionId: string): AgentNotes {
  const notes = linesOf(fileFor(storePath, sessionId)).flatMap(parse);
  const pauses = notes.filter((note) => "at" in note);
  return {
    stopped: new Set(notes.flatMap((note) => ("stopped" in note ? [note.stopped] : []))),
    pause: pauses.at(-1) ?? null,
  };
}

function noteOf(payload: HookPayload, now: number): Note | null {
  if (payload.event === "Stop")
    return { at: new Date(now).toISOString(), working: payload.backgroundTasks.map(({ id }) => id) };
  // Claude Code's own agents, such as that of a compaction, have no type.
  return payload.event === "SubagentStop" && payload.agentType !== "" ? { stopped: payload.agentId } : null;
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}

/** A line that a crash cut off costs itself. */
function parse(line: string): readonly Note[] {
  try {
    return line === "" ? [] : [JSON.parse(line) as Note];
  } catch {
    return [];
  }
}

function fileFor(storePath: string, sessionId: string): string {
  return join(notesFolder(storePath), `agents-${safeFileName(sessionId)}.jsonl`);
}
