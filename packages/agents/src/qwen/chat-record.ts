/** What a session of Qwen Code used before, from its own record of it. */
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { addUsage, noUsage, type Usage } from "mai-orchestration-core";
import { numberOf, parseLine, recordOf } from "../claude-code/json.ts";

/** As a negative usage, to be added to what the session counts later; `null` where nothing tells. @internal */
export function usedBefore(
  sessionId: string,
  env: Readonly<Record<string, string | undefined>>,
): Usage | null {
  const projects = join(env["HOME"] ?? homedir(), ".qwen", "projects");
  try {
    for (const project of readdirSync(projects)) {
      const text = readOrNull(join(projects, project, "chats", `${sessionId}.jsonl`));
      if (text !== null) return negativeSum(text);
    }
    return null;
  } catch {
    return null;
  }
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/** Pure. @internal */
export function negativeSum(text: string): Usage {
  return text.split("\n").reduce<Usage>((sum, line) => {
    const payload = recordOf(parseLine(line)?.["systemPayload"]);
    const event = recordOf(payload?.["uiEvent"]);
    if (event?.["event.name"] !== "qwen-code.api_response") return sum;
    const cached = numberOf(event["cached_content_token_count"]) ?? 0;
    return addUsage(sum, {
      inputTokens: cached - (numberOf(event["input_token_count"]) ?? 0),
      outputTokens: -(numberOf(event["output_token_count"]) ?? 0),
      cacheReadTokens: -cached,
      cacheWriteTokens: 0,
      costUsd: null,
    });
  }, noUsage);
}
