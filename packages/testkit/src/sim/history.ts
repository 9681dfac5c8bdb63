/** All that happened in a simulated world, in one order: the journal and what really went on beside it. */
import type { JournalEntry } from "mai-orchestration-core";
import type { ClaimRef } from "mai-orchestration-engine";

/** A process of an attempt: its agent, or one of its checks. @public */
export interface ProcessFact extends ClaimRef {
  readonly process: number;
  readonly kind: "agent" | "check";
  readonly agentId: string;
  /** The worker that started it. */
  readonly worker: string;
}

/** Something that was done, said or suffered in a simulated world. @public */
export type Happening =
  | { readonly type: "entry"; readonly entry: JournalEntry }
  | {
      readonly type: "worker.started";
      readonly worker: string;
      /** Slots of its agents. */
      readonly caps: Readonly<Record<string, number>>;
    }
  | { readonly type: "worker.ended"; readonly worker: string; readonly how: "died" | "exited" }
  | ({ readonly type: "process.started" } & ProcessFact)
  | ({ readonly type: "process.ended"; readonly how: string } & ProcessFact)
  /** An agent gave a sign of life. */
  | { readonly type: "agent.reported"; readonly process: number }
  /** An agent's process uses CPU until a moment, unless it ends before. */
  | { readonly type: "agent.busy"; readonly process: number; readonly untilMs: number }
  | { readonly type: "agent.told-to-stop"; readonly process: number }
  /** An agent said that its attempt is done, while nobody had told it to stop. */
  | ({ readonly type: "agent.answered" } & ClaimRef)
  /** What a program had left was looked at: whether that tells how it ended. */
  | ({ readonly type: "output.read"; readonly isComplete: boolean } & ClaimRef)
  | ({ readonly type: "check.ended"; readonly command: string; readonly passed: boolean } & ClaimRef)
  | { readonly type: "reaped"; readonly mark: string; readonly worker: string }
  | { readonly type: "submit.acknowledged"; readonly runId: string; readonly taskIds: readonly string[] }
  | {
      readonly type: "answer.acknowledged";
      readonly runId: string;
      readonly taskId: string;
      readonly attempt: number;
      readonly approved: boolean;
    }
  | {
      readonly type: "cancel.acknowledged";
      readonly runId: string;
      readonly taskIds: readonly string[] | null;
      /** How many facts there were when it was asked for: later tasks it may not have met. */
      readonly askedAt: number;
    }
  | {
      readonly type: "drive.started";
      readonly worker: string;
      readonly runId: string;
      readonly only: readonly string[] | null;
      readonly timeoutMs: number | null;
    }
  | {
      readonly type: "drive.over";
      readonly worker: string;
      readonly runId: string;
      readonly only: readonly string[] | null;
      readonly end: "ended" | "interrupted" | "exhausted" | "rejected";
      readonly reason: string;
    }
  | { readonly type: "interrupted"; readonly worker: string }
  | ({ readonly type: "told.started"; readonly worker: string } & ClaimRef)
  | { readonly type: "told.ended"; readonly worker: string; readonly runId: string; readonly taskId: string }
  /** What no fault explains, such as a broken invariant. */
  | { readonly type: "broken"; readonly what: string }
  | { readonly type: "fault"; readonly what: string }
  | { readonly type: "healed" };

/** A happening with its moment. @public */
export type Fact = Happening & {
  /** Milliseconds of virtual time since the world began. Of facts at one moment, the order tells. */
  readonly atMs: number;
};

/** One line of a trace; equal for equal facts, whatever store kept them. @public */
export function lineOf({ atMs, ...fact }: Fact): string {
  const { type, ...rest } = fact.type === "entry" ? fact.entry : fact;
  return `${atMs} ${fact.type === "entry" ? "journal " : ""}${type} ${JSON.stringify(rest, sorted)}`;
}

/** Stores differ in the order of an entry's fields. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
