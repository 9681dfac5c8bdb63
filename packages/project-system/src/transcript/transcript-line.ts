/** One line of a transcript, in whichever of the known formats, as the few things that are read from it. */
import type { Compaction, ToolCall } from "./transcript.ts";
import { idAt, isValues, listAt, textAt, type Values, valuesAt } from "./values.ts";

/** What a tool answered. @internal */
export interface ToolAnswer {
  readonly callId: string;
  readonly text: string;
  readonly isError: boolean;
  /** What Claude Code noted beside the text, for tools that have it. */
  readonly detail?: Values;
}

/** Claude Code's word that a background task ended. @internal */
export interface TaskNotice {
  readonly taskId?: string;
  readonly toolUseId?: string;
  readonly status: string;
}

/** @internal */
export interface TranscriptLine {
  readonly role?: "assistant" | "user";
  /** Lines of one message share it. */
  readonly messageId?: string;
  readonly isSidechain: boolean;
  readonly texts: readonly string[];
  readonly calls: readonly ToolCall[];
  readonly answers: readonly ToolAnswer[];
  readonly notice?: TaskNotice;
  readonly compaction?: Compaction;
  readonly sessionId?: string;
  readonly timestamp?: string;
}

type Part = Partial<Pick<TranscriptLine, "texts" | "calls" | "answers" | "notice" | "compaction" | "role">>;

/** What `value`, a line's JSON, says; `undefined` when it is of a kind that tells us nothing. @internal */
export function readTranscriptLine(value: unknown): TranscriptLine | undefined {
  if (!isValues(value)) return undefined;
  const part = readPart(value);
  if (part === undefined) return undefined;
  const messageId = textAt(valuesAt(value, "message"), "id");
  const sessionId = textAt(value, "sessionId", "session_id");
  const timestamp = textAt(value, "timestamp");
  return {
    isSidechain: isSidechain(value),
    texts: [],
    calls: [],
    answers: [],
    ...part,
    ...(messageId !== undefined && { messageId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(timestamp !== undefined && { timestamp }),
  };
}

function readPart(line: Values): Part | undefined {
  const type = textAt(line, "type");
  if (type === "tool_use" || textAt(line, "tool") !== undefined) return { calls: simpleCalls(line) };
  if (type === "assistant") return readAssistant(line);
  if (type === "user") return readUser(line);
  if (type === "system") return readSystem(line);
  if (type === "queue-operation") return noticePart(textAt(line, "content"));
  const attachment = type === "attachment" ? valuesAt(line, "attachment") : undefined;
  return textAt(attachment, "commandMode") === "task-notification"
    ? noticePart(textAt(attachment, "prompt"))
    : undefined;
}

/** The original's own format: a call is a line of its own. */
function simpleCalls(line: Values): readonly ToolCall[] {
  const tool = textAt(line, "tool", "name");
  if (tool === undefined) return [];
  const timestamp = textAt(line, "timestamp");
  const id = idAt(line, "id");
  return [
    {
      tool,
      params: { ...(valuesAt(line, "params") ?? valuesAt(line, "input")) },
      ...(line["result"] !== undefined && { result: line["result"] }),
      ...(timestamp !== undefined && { timestamp }),
      ...(id !== undefined && { id }),
    },
  ];
}

function readAssistant(line: Values): Part {
  const timestamp = textAt(line, "timestamp");
  const content = contentOf(line);
  if (typeof content === "string") return { role: "assistant", texts: [content] };
  const calls = content.flatMap((block): ToolCall[] => {
    const tool = textAt(block, "name");
    const id = idAt(block, "id");
    if (block["type"] !== "tool_use" || tool === undefined) return [];
    return [
      {
        tool,
        params: { ...valuesAt(block, "input") },
        ...(timestamp !== undefined && { timestamp }),
        ...(id !== undefined && { id }),
        ...(isSidechain(line) && { isSidechain: true }),
      },
    ];
  });
  return { role: "assistant", texts: textsOf(content), calls };
}

function readUser(line: Values): Part {
  const content = contentOf(line);
  const blocks = typeof content === "string" ? [] : content;
  const answers = blocks.filter((block) => block["type"] === "tool_result");
  // What Claude Code noted stands beside the message, so that it belongs to a lone answer only.
  const detail = valuesAt(line, "toolUseResult") ?? valuesAt(line, "tool_use_result");
  if (answers.length > 0)
    return {
      answers: answers.flatMap((block) => readAnswer(block, answers.length === 1 ? detail : undefined)),
    };
  const texts = typeof content === "string" ? [content] : textsOf(content);
  const notice = readNotice(texts[0] ?? "");
  if (notice !== undefined) return { notice };
  return isOfClaudeCode(line, texts[0] ?? "") ? {} : { role: "user", texts };
}

function readAnswer(block: Values, detail: Values | undefined): ToolAnswer[] {
  const callId = idAt(block, "tool_use_id");
  if (callId === undefined) return [];
  const content = block["content"];
  const text =
    typeof content === "string" ? content : textsOf(listAt(block, "content").filter(isValues)).join("\n");
  return [{ callId, text, isError: block["is_error"] === true, ...(detail !== undefined && { detail }) }];
}

function readSystem(line: Values): Part | undefined {
  const subtype = textAt(line, "subtype");
  if (subtype === "compact_boundary") {
    const detail = valuesAt(line, "compactMetadata") ?? valuesAt(line, "compact_metadata");
    const trigger = textAt(detail, "trigger");
    const preTokens = detail?.["preTokens"] ?? detail?.["pre_tokens"];
    const timestamp = textAt(line, "timestamp");
    const compaction: Compaction = {
      ...(trigger !== undefined && { trigger }),
      ...(typeof preTokens === "number" && { preTokens }),
      ...(timestamp !== undefined && { timestamp }),
    };
    return { compaction };
  }
  const status = textAt(line, "status");
  if (subtype !== "task_notification" || status === undefined) return undefined;
  return { notice: noticeOf(status, idAt(line, "task_id"), idAt(line, "tool_use_id")) };
}

/**
 * Notices are text with tags. Only what stands before the agent's own words is
 * looked at: those may hold tags too, and nobody vouches for them.
 */
function readNotice(text: string): TaskNotice | undefined {
  if (!text.startsWith("<task-notification>")) return undefined;
  const [head = ""] = text.split("<result>", 1);
  const status = tagIn(head, "status");
  return status === undefined
    ? undefined
    : noticeOf(status, tagIn(head, "task-id"), tagIn(head, "tool-use-id"));
}

function noticePart(text: string | undefined): Part | undefined {
  const notice = readNotice(text ?? "");
  return notice === undefined ? undefined : { notice };
}

function noticeOf(status: string, taskId: string | undefined, toolUseId: string | undefined): TaskNotice {
  return { status, ...(taskId !== undefined && { taskId }), ...(toolUseId !== undefined && { toolUseId }) };
}

/** The text between the first `<name>` and its end. @internal */
export function tagIn(text: string, name: string): string | undefined {
  const from = text.indexOf(`<${name}>`);
  if (from === -1) return undefined;
  const to = text.indexOf(`</${name}>`, from);
  return to === -1 ? undefined : text.slice(from + name.length + 2, to).trim();
}

/** Lines that have the role of the user although nobody asked anything with them. */
function isOfClaudeCode(line: Values, text: string): boolean {
  if (line["isMeta"] === true || line["isCompactSummary"] === true || line["isSynthetic"] === true)
    return true;
  return /^<(?:command-name|command-message|local-command-stdout|local-command-caveat)>/.test(text);
}

function isSidechain(line: Values): boolean {
  return line["isSidechain"] === true || textAt(line, "parent_tool_use_id") !== undefined;
}

function contentOf(line: Values): string | readonly Values[] {
  const holder = valuesAt(line, "message") ?? line;
  const text = textAt(holder, "content");
  return text ?? listAt(holder, "content").filter(isValues);
}

function textsOf(blocks: readonly Values[]): readonly string[] {
  return blocks.flatMap((block) => {
    const text = block["type"] === "text" ? textAt(block, "text") : undefined;
    return text === undefined || text === "" ? [] : [text];
  });
}
