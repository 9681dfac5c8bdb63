/** A project with a stand-in for Claude Code whose every attempt costs a dollar. */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { folder } from "./test-io.ts";

/** A session is made and named, and a model that is called `big` has answered. */
export function projectThatCosts(files: Readonly<Record<string, string>>, success = true): string {
  const model = {
    inputTokens: 10,
    outputTokens: 5,
    cacheReadInputTokens: 2,
    cacheCreationInputTokens: 1,
    costUSD: 1,
  };
  const result = {
    type: "result",
    subtype: "success",
    is_error: !success,
    api_error_status: 400,
    result: success ? "done" : "cannot",
    total_cost_usd: 1,
    modelUsage: { big: model },
    model_usage_since_last_result: { big: model },
  };
  const claude = `#!/bin/sh\ncat >/dev/null\nprintf '%s\\n' '${JSON.stringify(result)}'\n`;
  const agents =
    "agents: [{ id: general-purpose, backend: claude-code, executable: ./claude, max_concurrent: 1 }]\n";
  const cwd = folder({ claude, "mai.config.yaml": agents, ...files });
  chmodSync(join(cwd, "claude"), 0o755);
  return cwd;
}

/** Tasks in prose. */
export function proseTasks(
  ...ids: readonly string[]
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const task = {
    command: undefined,
    type: "implementation",
    description: "Do it",
    success_criteria: "It is done",
  };
  return Object.fromEntries(ids.map((id) => [id, task]));
}
