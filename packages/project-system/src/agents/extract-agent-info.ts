/** The agents of a transcript. */
import { answerOf } from "../transcript/answer-of.ts";
import type { ParsedTranscript } from "../transcript/transcript.ts";
import { agentLedger } from "./agent-ledger.ts";
import type { SpawnedAgent } from "./spawned-agent.ts";

/**
 * The agents that were started with `Agent` or `Task`, oldest first, with the
 * ids that Claude Code gave them, and how far the transcript tells of their end.
 *
 * @public
 */
export function extractAgentInfo(transcript: ParsedTranscript): SpawnedAgent[] {
  if (transcript.facts !== undefined) return [...transcript.facts.agents];
  const ledger = agentLedger();
  for (const call of transcript.toolCalls) {
    ledger.call(call);
    const answer = answerOf(call);
    if (answer !== undefined) ledger.answer(call, answer, undefined);
  }
  return [...ledger.agents()];
}
