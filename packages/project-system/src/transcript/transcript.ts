/** What is read out of a transcript of Claude Code. */
import type { SpawnedAgent } from "../agents/spawned-agent.ts";
import type { TodoItem } from "../todos/todo-item.ts";

/**
 * One use of a tool.
 *
 * @public
 */
export interface ToolCall {
  tool: string;
  params: Record<string, unknown>;
  /** What the tool answered, as text where it was text. Absent while there is no answer. */
  result?: unknown;
  timestamp?: string;
  /** The id that Claude Code gave this use. Absent in the simple format. */
  readonly id?: string;
  /** The answer says that it failed. */
  readonly isError?: boolean;
  /** Made by a sub-agent whose lines stand between those of the conversation. */
  readonly isSidechain?: boolean;
}

/**
 * A point at which the conversation was compacted.
 *
 * @public
 */
export interface Compaction {
  /** `manual` or `auto` today. */
  readonly trigger?: string;
  readonly preTokens?: number;
  readonly timestamp?: string;
}

/**
 * What the parser gathered while it read, also from calls that `toolCalls` no
 * longer holds. Its size is bounded however long the transcript is.
 *
 * @public
 */
export interface TranscriptFacts {
  readonly todos: readonly TodoItem[];
  readonly agents: readonly SpawnedAgent[];
  readonly modifiedFiles: readonly string[];
  readonly readFiles: readonly string[];
  readonly toolUsage: Readonly<Record<string, number>>;
}

/**
 * A transcript, read. The first five fields are the original's; a transcript
 * that has only these is as good for every function of this package.
 *
 * @public
 */
export interface ParsedTranscript {
  /** Oldest first. From a file, the newest 2,000. */
  toolCalls: ToolCall[];
  /** The last five sentences of the assistant that told a decision. */
  decisions: string[];
  /** Prompts of the user and messages of the assistant. Answers of tools are neither. */
  messageCount: number;
  /** Oldest first. From a file, the newest 200. */
  assistantMessages: string[];
  /** What a person (or program) asked; nothing that Claude Code itself put in. From a file, the newest 200. */
  userMessages: string[];
  readonly compactions?: readonly Compaction[];
  readonly sessionId?: string;
  /** Lines that were not JSON, such as half a last one, or longer than 32 MiB. */
  readonly unreadableLines?: number;
  /** Taken instead of `toolCalls` by the functions that extract. */
  readonly facts?: TranscriptFacts;
}
