/** The stream's folds over lines, as the backend feeds them. */
import type { AgentReport } from "mai-orchestration-engine";
import { parseLine } from "../src/claude-code/json.ts";
import {
  type ClaudeStream,
  foldEvent,
  foldPlain,
  reportOf as reportOfEvent,
} from "../src/claude-code/stream.ts";

export function foldLine(stream: ClaudeStream, line: string): ClaudeStream {
  const event = parseLine(line);
  return event === null ? foldPlain(stream, line) : foldEvent(stream, event);
}

export function reportOf(line: string): AgentReport | null {
  const event = parseLine(line);
  return event === null ? null : reportOfEvent(event);
}
