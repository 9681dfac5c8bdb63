/** The original's hook: saves the state of a session before its conversation is compacted. */
import { join } from "node:path";
import { messageOf } from "mai-orchestration-core/errors";
import { extractAgentInfo } from "../agents/extract-agent-info.ts";
import { buildLocalMdOptions, writeLocalMd } from "../local-md/local-md.ts";
import { extractTodoState } from "../todos/extract-todo-state.ts";
import { getModifiedFiles } from "../transcript/files-and-tools.ts";
import { parseTranscript } from "../transcript/parse-transcript.ts";
import { parseTranscriptFile } from "../transcript/parse-transcript-file.ts";
import type { ParsedTranscript } from "../transcript/transcript.ts";
import { readHookPayload } from "./read-hook-payload.ts";

/** How much was found in the transcript, for a line to people. @public */
export interface PreCompactStats {
  todoCount: number;
  agentCount: number;
  modifiedFilesCount: number;
  decisionCount: number;
}

/** What a PreCompact hook did; problems are told here, not thrown. @public */
export interface PreCompactOutcome {
  /** `skipped`: there was no transcript to read, and nothing was written. */
  status: "success" | "skipped" | "error";
  message: string;
  stats: PreCompactStats;
}

/**
 * Reads the payload of a PreCompact hook, the transcript that it names, and
 * writes `CLAUDE.local.md` in its folder. Never rejects.
 *
 * @param now - stamped into the file
 * @public
 */
export async function runPreCompactHook(input: string, now: Date = new Date()): Promise<PreCompactOutcome> {
  const read = readHookPayload(input, "PreCompact");
  if (!read.ok) return { status: "error", message: read.problem, stats: statsOf(parseTranscript("")) };
  const { payload } = read;
  let transcript: ParsedTranscript;
  try {
    transcript = await parseTranscriptFile(payload.transcriptPath);
  } catch (error) {
    return { status: "skipped", message: messageOf(error), stats: statsOf(parseTranscript("")) };
  }
  const stats = statsOf(transcript);
  try {
    const path = join(payload.cwd, "CLAUDE.local.md");
    writeLocalMd(path, optionsFrom(payload.sessionId, transcript, now));
    return { status: "success", message: `The state of the session is in ${path}.`, stats };
  } catch (error) {
    return { status: "error", message: messageOf(error), stats };
  }
}

function optionsFrom(
  sessionId: string,
  transcript: ParsedTranscript,
  now: Date,
): ReturnType<typeof buildLocalMdOptions> {
  const todos = extractTodoState(transcript);
  const agents = extractAgentInfo(transcript);
  return buildLocalMdOptions(
    sessionId,
    todos,
    getModifiedFiles(transcript),
    transcript.decisions,
    agents,
    now,
  );
}

function statsOf(transcript: ParsedTranscript): PreCompactStats {
  return {
    todoCount: extractTodoState(transcript).length,
    agentCount: extractAgentInfo(transcript).length,
    modifiedFilesCount: getModifiedFiles(transcript).length,
    decisionCount: transcript.decisions.length,
  };
}
