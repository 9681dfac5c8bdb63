/** What the seats of a panel are asked: a perspective on the topic, or a word on a result. */
import type { FarmTask, Receipt, Verdict } from "mai-orchestration-core";
import type { AgentPerspective, CouncilRound } from "../result.ts";
import { panelOf, perspectiveId, reviewId, type Seat } from "./ids.ts";

/** The tasks of a round: each seat once, knowing what all said in the round before. @internal */
export function perspectiveTasks(
  council: FarmTask,
  decisionId: string,
  round: number,
  before: CouncilRound | undefined,
): FarmTask[] {
  const said = before?.perspectives.map(textOf) ?? [];
  return panelOf(council).map((seat) => ({
    ...seatTask(council, decisionId, seat),
    taskId: perspectiveId(council.taskId, round, seat),
    type: council.type,
    description: [
      `${introductionOf(seat)} The council decides on this topic:`,
      council.description,
      `The decision is good when: ${council.successCriteria}`,
      before === undefined
        ? "Give your perspective."
        : `This is round ${round}. What each said in the round before stands in the context. Answer it, and say where you stand now; repeat word for word the recommendations of others that you support.`,
      `Position: approve (go ahead), block (must not be done like this), defer (not now), neutral. Recommendations are what is to be done, each one task that somebody can carry out alone.`,
      answerFormat,
    ].join("\n\n"),
    context: [...council.context, ...said],
  }));
}

/** What a panel is shown of a result. @public */
export interface ReviewSubject {
  readonly taskId: string;
  /** What was to be done. */
  readonly description: string;
  readonly verdict: Verdict | null;
  readonly receipts: readonly Receipt[];
  readonly output: string;
}

/** The tasks by which a panel reviews one result: a seat each, with the receipts of the engine. @public */
export function reviewTasks(council: FarmTask, decisionId: string, subject: ReviewSubject): FarmTask[] {
  const receipts = subject.receipts.map(
    ({ command, passed, exitCode, outputDigest, tree }) =>
      `Receipt: \`${command}\` ${passed ? "passed" : "failed"} (exit code ${exitCode ?? "none"}, output ${outputDigest}, tree ${tree ?? "outside git"})`,
  );
  return panelOf(council).map((seat) => ({
    ...seatTask(council, decisionId, seat),
    taskId: reviewId(subject.taskId, seat),
    type: "review",
    description: [
      `${introductionOf(seat)} The council had this task done, and reviews the result:`,
      subject.description,
      `Look at what was left in the current directory as far as you can. Position: approve (it is done as decided), block (it must be done again; say in \`concerns\` what is wrong), defer (a person must look at it), neutral.`,
      answerFormat,
    ].join("\n\n"),
    context: [
      `Verdict of the engine: ${subject.verdict ?? "unknown"}${receipts.length === 0 ? "; no check was run" : ""}`,
      ...receipts,
      `What the one who did it said: ${cut(subject.output)}`,
    ],
    priority: "high",
  }));
}

/** One seat's perspective as the others read it. @internal */
export function textOf({
  agent,
  round,
  position,
  content,
  concerns,
  recommendations,
}: AgentPerspective): string {
  const parts = [
    `Round ${round}, ${agent.name} (${agent.role}): ${position}. ${content}`,
    ...(concerns.length === 0 ? [] : [`Concerns: ${concerns.join("; ")}`]),
    ...(recommendations.length === 0 ? [] : [`Recommendations: ${recommendations.join("; ")}`]),
  ];
  return parts.join("\n");
}

type Shared = Omit<FarmTask, "taskId" | "type" | "description" | "context">;

/** What every task of a seat has of its council: the place and the limits, and not the checks of the work. */
function seatTask(council: FarmTask, decisionId: string, { agent }: Seat): Shared {
  const { timeout, idleTimeout, env, cwd, retry, priority } = council;
  return {
    constraints: [...council.constraints, "Change no file."],
    successCriteria: "The answer ends with the JSON object that was asked for.",
    decision: decisionId,
    // An answer that cannot be read is worth one more try, also of a function.
    retry: { maxAttempts: 2, ...retry },
    ...(priority === undefined ? {} : { priority }),
    ...(agent === null ? {} : { agent }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  };
}

function introductionOf({ person }: Seat): string {
  const { name, role, expertise, personality, vetoPower, vetoCriteria, content } = person;
  const who =
    name === role
      ? `You speak for the role ${role} in a council.`
      : `You are ${name}, ${role}, in a council.`;
  return [
    who,
    ...(expertise.length === 0 ? [] : [`You know ${expertise.join(", ")}.`]),
    ...(personality.length === 0 ? [] : [`You are ${personality.join(", ")}.`]),
    ...(vetoPower ? ["Your block is a veto and holds the work."] : []),
    ...(vetoCriteria.length === 0 ? [] : [`You block for: ${vetoCriteria.join("; ")}.`]),
    ...(content.trim() === "" ? [] : [`\n\n${content.trim()}\n\n`]),
  ].join(" ");
}

const answerFormat = `End your answer with one JSON object, and nothing after it:
{"position": "approve" | "block" | "defer" | "neutral", "content": "your reasoning in a few sentences", "concerns": ["..."], "recommendations": ["..."]}`;

function cut(output: string): string {
  return output.length > 8_000 ? `${output.slice(0, 4_000)}\n[...]\n${output.slice(-4_000)}` : output;
}
