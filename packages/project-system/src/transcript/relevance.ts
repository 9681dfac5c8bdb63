/**
 * Most bytes of a transcript are lines that tell us nothing: requests as they
 * were sent, prompts of the system, files shown to the model. They are known
 * by how they begin, so that they need not be parsed. A line that begins
 * otherwise than today is parsed, and so costs time and nothing else.
 */

const beginnings: readonly Buffer[] = [
  "api-request",
  "tools-used",
  "atis-latch",
  "last-prompt",
  "cost-state",
  "mode",
  "file-history-snapshot",
  "progress",
  "ai-title",
].map((type) => Buffer.from(`{"type":"${type}`));

/** What all of them begin with, so that most other lines are told apart by one look. */
const typeFirst = Buffer.from('{"type":"');

const attachment = Buffer.from('"attachment":{"type":"');
const queuedCommand = Buffer.from('"attachment":{"type":"queued_command"');
/** The keys before `attachment` are two ids and a flag. */
const headBytes = 300;

/** Whether `line` is surely of a kind that tells nothing. @internal */
export function tellsNothing(line: Buffer): boolean {
  if (startsWith(line, typeFirst)) return beginnings.some((beginning) => startsWith(line, beginning));
  const head = line.subarray(0, headBytes);
  // Only in an attachment's own line is the key not preceded by an escaped quote.
  const at = head.indexOf(attachment);
  return (
    at > 0 && head[at - 1] === comma && !startsWith(line.subarray(at), queuedCommand) && !hasMessage(head, at)
  );
}

const comma = 0x2c;
const message = Buffer.from('"message":');

function hasMessage(head: Buffer, before: number): boolean {
  const at = head.indexOf(message);
  return at !== -1 && at < before;
}

function startsWith(line: Buffer, beginning: Buffer): boolean {
  return (
    line.length >= beginning.length && line.compare(beginning, 0, beginning.length, 0, beginning.length) === 0
  );
}
