/**
 * How a council grows its run: a pure fold of the tasks that are there. It can be asked at any time, by any process,
 * and answers with the tasks that are missing; so nothing of a council is kept but the tasks themselves.
 */
import type { FarmTask } from "mai-orchestration-core";
import { decisionOf } from "../decision.ts";
import type { CouncilResult, CouncilSession, ItemReview } from "../result.ts";
import { writeSessionFile } from "../shapes/write-session.ts";
import { actionItemsOf } from "../synthesis/action-items.ts";
import { synthesize } from "../synthesis/synthesize.ts";
import { decisionIdOf, panelOf } from "./ids.ts";
import { type CanDo, itemStandingOf } from "./items.ts";
import { type Deliberation, deliberationOf, type States, synthesisOptionsOf } from "./rounds.ts";
import { perspectiveTasks } from "./seat-tasks.ts";

/** What a council needs next. @internal */
export interface Growth {
  /** Tasks that the run does not have yet. */
  readonly submit: readonly FarmTask[];
  /** What came of it, once nothing more is to be done. */
  readonly result: CouncilResult | null;
}

/** @param council - the task that the panel does, of the run `runId` @internal */
export function grow(council: FarmTask, runId: string, states: States, canDo: CanDo): Growth {
  const decisionId = decisionIdOf(runId, council.taskId);
  const deliberation = deliberationOf(council, states);
  const { rounds, next } = deliberation;
  if (next === "wait") return { submit: [], result: null };
  if (next === "ask") {
    const submit = perspectiveTasks(council, decisionId, rounds.length + 1, rounds.at(-1));
    return { submit, result: null };
  }
  const decided = decidedOf(council, decisionId, deliberation, states);
  const decision = decisionOf(decided);
  if (council.council?.execute !== true || decision.hold !== null) return { submit: [], result: decided };
  const items = decision.actionItems.map((_, index) =>
    itemStandingOf(council, decision, index, states, canDo),
  );
  const submit = items.flatMap((item) => item.submit);
  const reviews = items.flatMap(({ review }) => (review === null ? [] : [review]));
  if (submit.length > 0 || reviews.length < items.length) return { submit, result: null };
  return { submit, result: withReviews(decided, reviews) };
}

/** What the panel decided, before anything of it was carried out. */
function decidedOf(
  council: FarmTask,
  decisionId: string,
  { rounds, absent }: Deliberation,
  states: States,
): CouncilResult {
  const last = rounds.at(-1)?.perspectives ?? [];
  const synthesis = synthesize(last, {
    ...synthesisOptionsOf(council),
    topic: topicOf(council),
    absent: absent.map(({ person }) => person),
  });
  const ends = rounds.flatMap(({ perspectives }) => perspectives.map(({ timestamp }) => timestamp)).sort();
  const starts = [...states.values()].flatMap(({ startedAt }) => (startedAt === null ? [] : [startedAt]));
  const startTime = starts.length === 0 ? 0 : starts.reduce((least, at) => Math.min(least, at));
  const endTime = ends.at(-1);
  const session: CouncilSession = {
    id: decisionId,
    topic: topicOf(council),
    context: council.context.join("\n"),
    roster: panelOf(council).map(({ person }) => person),
    rounds,
    synthesisStrategy: council.council?.strategy ?? "consensus",
    startTime: new Date(startTime).toISOString(),
    ...(endTime === undefined ? {} : { endTime }),
  };
  const actionItems = synthesis.hold === null ? actionItemsOf(last) : [];
  return withReviews({ session, synthesis, transcript: "", actionItems, reviews: [] }, []);
}

function topicOf({ description }: FarmTask): string {
  return description.replace(/\s+/g, " ").trim();
}

function withReviews(result: CouncilResult, reviews: readonly ItemReview[]): CouncilResult {
  const whole = { ...result, reviews };
  return { ...whole, transcript: writeSessionFile(whole) };
}
