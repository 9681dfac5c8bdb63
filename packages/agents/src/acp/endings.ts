/** What an ACP agent's last word means. Pure but for the clock. */
import type * as Sdk from "@agentclientprotocol/sdk";
import { messageOf } from "mai-orchestration-core";
import { numberOf, recordOf, textOf } from "../claude-code/json.ts";
import { failureOf } from "../program/failure.ts";
import type { Ending } from "../program/told.ts";

/** The agent did not answer in time. @internal */
export class Late extends Error {}

/** By the answer to a prompt. @internal */
export function endingBy(reason: Sdk.StopReason): Ending {
  switch (reason) {
    case "end_turn":
      return { type: "answered" };
    case "max_tokens":
      return failed("task", "its model's answer was cut off at its longest");
    case "max_turn_requests":
      return failed("task", "its limit of requests to its model was reached");
    case "refusal":
      return failed("permanent", "the model refused the task");
    default:
      return failed("transient", `the agent stopped by itself: ${String(reason)}`);
  }
}

/** No request of JSON-RPC, unknown method, wrong arguments: the next try would be answered the same. */
const mistakes = [-32_600, -32_601, -32_602];
/** The protocol's "authentication required". */
const needsLogin = -32_000;

/** By an error instead of an answer. @internal */
export function endingOf(sdk: Pick<typeof Sdk, "RequestError">, error: unknown): Ending {
  if (error instanceof Late)
    return { type: "failed", kind: "transient", reason: error.message, refused: false };
  if (!(error instanceof sdk.RequestError)) return failed("permanent", messageOf(error));
  const data = recordOf(error.data);
  const details = textOf(data?.["details"]) ?? textOf(data?.["message"]);
  const text = details === null ? error.message : `${error.message}: ${details}`;
  if (mistakes.includes(error.code)) return failed("permanent", text);
  // Some put the HTTP status in the place of the code.
  const isStatus = error.code >= 400 && error.code < 600;
  const status = error.code === needsLogin ? 401 : isStatus ? error.code : numberOf(data?.["status"]);
  return failureOf({ text: text.replace(/^Internal error: /, ""), status, now: Date.now() });
}

function failed(kind: "task" | "permanent" | "transient", reason: string): Ending {
  return { type: "failed", kind, reason, refused: true };
}
