/** The transcripts of a session's sub-agents, which lie in a folder of their own beside the session's. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ended } from "../agents/agent-ledger.ts";
import type { SpawnedAgent } from "../agents/spawned-agent.ts";
import { parseTranscriptFile } from "./parse-transcript-file.ts";
import type { ParsedTranscript, TranscriptFacts } from "./transcript.ts";
import { isValues, textAt } from "./values.ts";

/** The transcript of one sub-agent, and what Claude Code noted beside it. @public */
export interface SubAgentFile {
  readonly agentId: string;
  readonly path: string;
  readonly description?: string;
  readonly subagentType?: string;
  readonly toolUseId?: string;
  /** Claude Code noted that it ran to its end. */
  readonly finished: boolean;
}

/** The files of the sub-agents of the session whose transcript is `transcriptPath`; none if there is no folder. @public */
export async function subAgentFiles(transcriptPath: string): Promise<readonly SubAgentFile[]> {
  const folder = join(transcriptPath.replace(/\.jsonl$/, ""), "subagents");
  const names = await readdir(folder).catch(() => []);
  const ids = names.flatMap((name) => /^agent-(.+)\.jsonl$/.exec(name)?.[1] ?? []).sort();
  return Promise.all(ids.map((agentId) => describe(folder, agentId)));
}

/**
 * The transcript of a session together with its sub-agents: the files that
 * these touched and the tools that they used count as the session's, and one
 * that Claude Code notes as finished has ended. Rejects
 * `transcript.unreadable` for the session's own file only.
 *
 * @public
 */
export async function parseSession(transcriptPath: string): Promise<ParsedTranscript> {
  const [transcript, files] = await Promise.all([
    parseTranscriptFile(transcriptPath),
    subAgentFiles(transcriptPath),
  ]);
  let facts = transcript.facts;
  if (facts === undefined) return transcript;
  facts = { ...facts, agents: settleFinished(facts.agents, files) };
  // One after another: each may be as large as it likes, and memory is for one.
  for (const { path } of files) {
    const theirs = await parseTranscriptFile(path).catch(() => undefined);
    if (theirs?.facts !== undefined) facts = merge(facts, theirs.facts);
  }
  return { ...transcript, facts };
}

async function describe(folder: string, agentId: string): Promise<SubAgentFile> {
  const path = join(folder, `agent-${agentId}.jsonl`);
  const noted = await readFile(join(folder, `agent-${agentId}.meta.json`), "utf8")
    .then(JSON.parse)
    .catch(() => ({}));
  const values = isValues(noted) ? noted : {};
  const description = textAt(values, "description");
  const subagentType = textAt(values, "agentType");
  const toolUseId = textAt(values, "toolUseId");
  return {
    agentId,
    path,
    finished: values["finished"] === true,
    ...(description !== undefined && { description }),
    ...(subagentType !== undefined && { subagentType }),
    ...(toolUseId !== undefined && { toolUseId }),
  };
}

function settleFinished(
  agents: readonly SpawnedAgent[],
  files: readonly SubAgentFile[],
): readonly SpawnedAgent[] {
  const finished = new Set(files.filter((file) => file.finished).map(({ agentId }) => agentId));
  return agents.map((agent) =>
    agent.status === "running" && finished.has(agent.id) ? ended(agent, "completed", undefined) : agent,
  );
}

function merge(facts: TranscriptFacts, theirs: TranscriptFacts): TranscriptFacts {
  const usage = new Map(Object.entries(facts.toolUsage));
  for (const [tool, count] of Object.entries(theirs.toolUsage))
    usage.set(tool, (usage.get(tool) ?? 0) + count);
  return {
    ...facts,
    modifiedFiles: [...new Set([...facts.modifiedFiles, ...theirs.modifiedFiles])],
    readFiles: [...new Set([...facts.readFiles, ...theirs.readFiles])],
    toolUsage: Object.fromEntries(usage),
  };
}
