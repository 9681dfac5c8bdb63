/**
 * Talking with Claude Code while it works: the prompt goes in as a message, and
 * each use of a tool that its permissions leave open is asked for and answered.
 */
import { messageOf } from "mai-orchestration-core";
import type { AgentContext, AgentTask } from "mai-orchestration-engine";
import type { DecidePermission, PermissionAnswer } from "../permission.ts";
import type { LiveStdin } from "../process/process-options.ts";
import { type Json, recordOf, textOf } from "./json.ts";
import { callOf } from "./stream.ts";

/** @internal */
export interface Conversation {
  /** Called with the program's stdin. */
  start(stdin: LiveStdin): void;
  /** Asks the program to stop what it does; it then prints its result. */
  interrupt(): void;
  /** Answers an event that is a question, and ends the conversation at the result. */
  hear(event: Json): void;
}

/** @internal */
export function converse(
  prompt: string,
  decide: DecidePermission,
  { runId, task, attempt }: AgentTask,
  { signal }: Pick<AgentContext, "signal">,
): Conversation {
  let stdin: LiveStdin | null = null;
  const say = (message: object): void => stdin?.write(`${JSON.stringify(message)}\n`);

  async function answer(id: string, asked: Json): Promise<void> {
    const tool = textOf(asked["tool_name"]) ?? "";
    const input = recordOf(asked["input"]) ?? {};
    const request = {
      ...{ runId, taskId: task.taskId, attempt, tool, input, signal },
      summary: callOf({ name: tool, input }),
    };
    const response = responseTo(await decided(() => decide(request)), input);
    say({ type: "control_response", response: { subtype: "success", request_id: id, response } });
  }

  return {
    start(live) {
      stdin = live;
      say({ type: "user", message: { role: "user", content: prompt } });
    },
    interrupt: () =>
      say({ type: "control_request", request_id: "interrupt", request: { subtype: "interrupt" } }),
    hear(event) {
      if (event["type"] === "result") stdin?.end();
      const id = textOf(event["request_id"]);
      if (event["type"] !== "control_request" || id === null) return;
      const asked = recordOf(event["request"]) ?? {};
      if (asked["subtype"] === "can_use_tool") void answer(id, asked);
      else say(refusalOf(id, textOf(asked["subtype"]) ?? "?"));
    },
  };
}

async function decided(
  decide: () => PermissionAnswer | Promise<PermissionAnswer>,
): Promise<PermissionAnswer> {
  try {
    return await decide();
  } catch (error) {
    return { deny: `Nobody could decide: ${messageOf(error)}` };
  }
}

/** Anything but a clear "allow" denies: callers may have no type checker. */
function responseTo(answer: PermissionAnswer, input: Json): object {
  if (answer === "allow") return { behavior: "allow", updatedInput: input };
  const message = typeof answer === "object" && answer !== null ? textOf(answer.deny) : null;
  return { behavior: "deny", message: message ?? "This is not allowed here." };
}

function refusalOf(id: string, subtype: string): object {
  const error = `${subtype} is not supported`;
  return { type: "control_response", response: { subtype: "error", request_id: id, error } };
}
