/** Takes the lines of a transcript one by one and keeps what they say. No line can make it throw. */
import { cut } from "../text.ts";
import { answerOf } from "./answer-of.ts";
import { decisionsIn, withDecisions } from "./decisions.ts";
import { type FactLedger, factLedger } from "./fact-ledger.ts";
import { keep, type Retention, trimParams } from "./retention.ts";
import type { Compaction, ParsedTranscript, ToolCall } from "./transcript.ts";
import { readTranscriptLine, type ToolAnswer, type TranscriptLine } from "./transcript-line.ts";

/** @internal */
export interface TranscriptReader {
  take(line: string): void;
  /** A line that could not even be taken. */
  skip(): void;
  finish(): ParsedTranscript;
}

/** The words of one conversation: those of the file itself, not of agents whose lines stand between. */
interface Conversation {
  readonly isSidechain: boolean;
  messageCount: number;
  lastMessageId: string | undefined;
  decisions: readonly string[];
  readonly assistantMessages: string[];
  readonly userMessages: string[];
}

const maxOpenCalls = 5_000;
const maxRecentIds = 10_000;
const maxCompactions = 1_000;

/** @internal */
export function transcriptReader(retention: Retention): TranscriptReader {
  const ledger = factLedger();
  const calls: ToolCall[] = [];
  /** Not answered yet. What is handed out later: the answer is put into it. */
  const open = new Map<string, ToolCall>();
  const seen = recentIds();
  const compactions: Compaction[] = [];
  let conversation: Conversation | undefined;
  let sessionId: string | undefined;
  let unreadableLines = 0;

  const hear = (line: TranscriptLine): void => {
    if (line.role === undefined) return;
    // The file of a sub-agent is all side chain. Its words count, unless there are lines of a main chain.
    if (conversation === undefined || (conversation.isSidechain && !line.isSidechain))
      conversation = newConversation(line.isSidechain);
    if (conversation.isSidechain === line.isSidechain) addMessage(conversation, line, retention);
  };
  const start = (call: ToolCall, isSidechain: boolean): void => {
    if (call.id !== undefined && !seen.add(call.id)) return;
    const own = conversation?.isSidechain === isSidechain ? withoutSidechain(call) : call;
    ledger.call(own);
    const kept = { ...own, params: trimParams(own.params, retention.maxParamsChars) };
    keep(calls, kept, retention.maxCalls);
    const answer = answerOf(own);
    if (answer !== undefined) ledger.answer(own, answer, own.timestamp);
    else if (kept.id !== undefined) remember(open, kept.id, kept);
  };

  return {
    take(text) {
      const line = parse(text);
      if (line === "unreadable") unreadableLines++;
      if (line === undefined || line === "unreadable") return;
      sessionId = line.sessionId ?? sessionId;
      hear(line);
      for (const call of line.calls) start(call, line.isSidechain);
      for (const answer of line.answers) finishCall(answer, line, open, ledger, retention);
      if (line.notice !== undefined) ledger.notice(line.notice, line.timestamp);
      if (line.compaction !== undefined) keep(compactions, line.compaction, maxCompactions);
    },
    skip() {
      unreadableLines++;
    },
    finish() {
      const heard = conversation ?? newConversation(false);
      return {
        toolCalls: newest(calls, retention.maxCalls),
        decisions: [...heard.decisions],
        messageCount: heard.messageCount,
        assistantMessages: newest(heard.assistantMessages, retention.maxMessages),
        userMessages: newest(heard.userMessages, retention.maxMessages),
        compactions: newest(compactions, maxCompactions),
        ...(sessionId !== undefined && { sessionId }),
        unreadableLines,
        facts: ledger.facts(),
      };
    },
  };
}

function parse(text: string): TranscriptLine | "unreadable" | undefined {
  if (text.trim() === "") return undefined;
  try {
    return readTranscriptLine(JSON.parse(text));
  } catch {
    return "unreadable";
  }
}

function newConversation(isSidechain: boolean): Conversation {
  return {
    isSidechain,
    messageCount: 0,
    lastMessageId: undefined,
    decisions: [],
    assistantMessages: [],
    userMessages: [],
  };
}

function addMessage(conversation: Conversation, line: TranscriptLine, retention: Retention): void {
  const { role, messageId, texts } = line;
  const goesOn = role === "assistant" && messageId !== undefined && messageId === conversation.lastMessageId;
  if (!goesOn) conversation.messageCount++;
  if (role === "assistant") conversation.lastMessageId = messageId;
  const messages = role === "assistant" ? conversation.assistantMessages : conversation.userMessages;
  for (const text of texts) {
    keep(messages, cut(text, retention.maxMessageChars), retention.maxMessages);
    if (role === "assistant")
      conversation.decisions = withDecisions(conversation.decisions, decisionsIn(text));
  }
}

function finishCall(
  answer: ToolAnswer,
  line: TranscriptLine,
  open: Map<string, ToolCall>,
  ledger: FactLedger,
  retention: Retention,
): void {
  const call = open.get(answer.callId);
  if (call === undefined) return;
  open.delete(answer.callId);
  call.result = cut(answer.text, retention.maxResultChars);
  if (answer.isError) Object.assign(call, { isError: true });
  ledger.answer(call, answer, line.timestamp);
}

/** A call that was never answered does not keep its place for ever. */
function remember(open: Map<string, ToolCall>, id: string, call: ToolCall): void {
  open.set(id, call);
  const [oldest] = open.keys();
  if (open.size > maxOpenCalls && oldest !== undefined) open.delete(oldest);
}

/** A line may be there twice, as in a session that was copied; a use of a tool happened once. */
function recentIds(): { add(id: string): boolean } {
  // Two sets that take turns: to delete the oldest of one, again and again, is slow.
  let newer = new Set<string>();
  let older = new Set<string>();
  return {
    add(id) {
      if (newer.has(id) || older.has(id)) return false;
      newer.add(id);
      if (newer.size >= maxRecentIds) [newer, older] = [new Set(), newer];
      return true;
    },
  };
}

function withoutSidechain(call: ToolCall): ToolCall {
  const { isSidechain: _isSidechain, ...own } = call;
  return own;
}

function newest<Item>(list: readonly Item[], max: number): Item[] {
  return max === Number.POSITIVE_INFINITY ? [...list] : list.slice(-max);
}
