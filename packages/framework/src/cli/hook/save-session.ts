/** The state of a session and of the work in its project, saved into the block of CLAUDE.local.md. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "mai-orchestration-core/errors";
import {
  agentsAfterHook,
  extractAgentInfo,
  extractTodoState,
  getModifiedFiles,
  type ParsedTranscript,
  parseSession,
  type SpawnedAgent,
} from "mai-project-system/parsers";
import type { HookPayload } from "mai-project-system/payload";
import {
  buildLocalMdOptions,
  readStateBlock,
  writeLocalMd,
  writeStateBlock,
} from "mai-project-system/writers";
import { briefOf } from "../brief/brief.ts";
import { type AgentNotes, readAgentNotes } from "./agent-notes.ts";

/** @internal */
export interface SavePlace {
  /** The project's folder, absolute. */
  readonly project: string;
  /** The store's path; `null` when the project has none. */
  readonly store: string | null;
  /** Unix milliseconds. */
  readonly now: number;
}

/** When a session ends, all of its hooks have 1.5 s: a longer transcript is not read again. */
const mostBytesAtEnd = 64 * 1024 * 1024;

/** The block holds 4,000 characters, and the session needs its part. */
const maxChars = 1_800;

/**
 * What cannot be read costs only what it would have told. Resolves to what
 * went wrong, or `null`; throws when the file cannot be written.
 *
 * @internal
 */
export async function saveSession(payload: HookPayload, place: SavePlace): Promise<string | null> {
  const transcript = await parseSession(payload.transcriptPath).catch(() => null);
  const { text, problem } = await workText(place);
  const file = join(place.project, "CLAUDE.local.md");
  if (transcript !== null) writeLocalMd(file, optionsOf(payload, transcript, place), { work: text });
  else if (text !== "") writeStateBlock(file, { text });
  return problem;
}

/** Saves again where a block is, so that the next session finds no old one. @internal */
export async function refreshSession(payload: HookPayload, place: SavePlace): Promise<string | null> {
  if (!readStateBlock(join(place.project, "CLAUDE.local.md")).ok) return null;
  const size = statSync(payload.transcriptPath, { throwIfNoEntry: false })?.size ?? 0;
  return size > mostBytesAtEnd ? null : saveSession(payload, place);
}

async function workText({
  project,
  store,
  now,
}: SavePlace): Promise<{ text: string; problem: string | null }> {
  if (store === null) return { text: "", problem: null };
  try {
    const { text } = await briefOf({ path: store, sessionId: null, cwd: project, now, maxChars });
    return { text: text === "" ? "" : `# Work handed out\n\n${text}`, problem: null };
  } catch (error) {
    return { text: "", problem: messageOf(error) };
  }
}

function optionsOf(payload: HookPayload, transcript: ParsedTranscript, { store, now }: SavePlace) {
  const notes = store === null ? null : readAgentNotes(store, payload.sessionId);
  const agents = extractAgentInfo(transcript);
  return buildLocalMdOptions(
    payload.sessionId,
    extractTodoState(transcript),
    getModifiedFiles(transcript),
    transcript.decisions,
    notes === null ? agents : agentsAfterNotes(agents, notes, payload),
    new Date(now),
  );
}

function agentsAfterNotes(
  agents: readonly SpawnedAgent[],
  { stopped, pause }: AgentNotes,
  { sessionId, transcriptPath, cwd }: HookPayload,
): readonly SpawnedAgent[] {
  const base = { sessionId, transcriptPath, cwd, stopHookActive: false };
  return agents.flatMap((agent) => {
    if (stopped.has(agent.id)) {
      const event = "SubagentStop" as const;
      return agentsAfterHook([agent], {
        ...base,
        event,
        agentId: agent.id,
        agentType: "",
        backgroundTasks: [],
      });
    }
    // An agent that was started after the pause says nothing by its absence there.
    if (pause === null || agent.timestamp === undefined || agent.timestamp > pause.at) return [agent];
    const backgroundTasks = pause.working.map((id) => ({ id }));
    return agentsAfterHook([agent], { ...base, event: "Stop", backgroundTasks });
  });
}
