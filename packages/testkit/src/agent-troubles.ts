/** What goes wrong between an agent and its program or model, and what is right to make of it. */
import type { FailureKind } from "mai-orchestration-core";

/** What an outcome comes down to. @public */
export type AgentEnd = "answered" | FailureKind;

/** One way in which an attempt goes wrong. @public */
export interface TroubleCase {
  /** What the program or model does, after "it". */
  readonly does: string;
  /** The ends that are right. */
  readonly ends: readonly AgentEnd[];
}

/** Every trouble. @public */
export type Trouble =
  | "garbage"
  | "nonsense"
  | "split-lines"
  | "half-line"
  | "invalid-utf8"
  | "long-line"
  | "silence"
  | "sudden-death"
  | "deaf-stdin"
  | "lingering"
  | "denied"
  | "quota"
  | "no-login"
  | "overload"
  | "network-drop"
  | "refused";

/**
 * The troubles by name. An agent shows each of them, or declares in its traits
 * why it cannot have it.
 *
 * @public
 */
export const troubles: Readonly<Record<Trouble, TroubleCase>> = {
  garbage: {
    does: "prints lines that are no events, empty ones and unknown ones around a proper answer",
    ends: ["answered"],
  },
  nonsense: {
    does: "prints nothing but lines that are no events, and exits with 0",
    ends: ["task", "transient", "permanent"],
  },
  "split-lines": { does: "prints its answer in pieces, cut inside characters", ends: ["answered"] },
  "half-line": { does: "exits with 0 in the middle of its answer's line", ends: ["task", "transient"] },
  "invalid-utf8": { does: "answers with bytes that are no UTF-8", ends: ["answered"] },
  "long-line": { does: "prints a line of 5 MB before its answer", ends: ["answered"] },
  silence: { does: "says nothing at all until it is stopped", ends: ["task", "transient"] },
  "sudden-death": { does: "is killed in the midst of its work", ends: ["task", "transient"] },
  "deaf-stdin": { does: "never reads a prompt of 1 MB, and answers", ends: ["answered"] },
  lingering: { does: "does not exit after its answer", ends: ["answered"] },
  denied: { does: "is refused a tool, and answers all the same", ends: ["answered"] },
  quota: { does: "has used up its quota, which opens again at a stated time", ends: ["quota"] },
  "no-login": { does: "is not logged in", ends: ["login"] },
  overload: { does: "finds its model overloaded", ends: ["transient"] },
  "network-drop": {
    does: "loses the connection to its model in the midst of a response",
    ends: ["transient"],
  },
  refused: { does: "gets a refusal from its model", ends: ["permanent"] },
};
