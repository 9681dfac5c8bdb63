/** A panel of agents that decides before the work and reviews it after. See docs/ARCHITECTURE.md. */

export * from "./answers/read-answer.ts";
export * from "./convene.ts";
export * from "./council-result.ts";
export { type Decision, decisionOf } from "./decision.ts";
export { decisionIdOf } from "./growth/ids.ts";
export * from "./growth/review.ts";
export { type ReviewSubject, reviewTasks } from "./growth/seat-tasks.ts";
export * from "./hearing-agent.ts";
export * from "./plan-from-council.ts";
export * from "./result.ts";
export * from "./shapes/read-council.ts";
export * from "./shapes/read-result.ts";
export * from "./shapes/roster.ts";
export * from "./shapes/write-session.ts";
export { actionItemsOf } from "./synthesis/action-items.ts";
export * from "./synthesis/conflicts.ts";
export * from "./synthesis/dissent.ts";
export { confidenceOf, consensusLevelOf, type SynthesisOptions, vetoesOf } from "./synthesis/level.ts";
export * from "./synthesis/synthesize.ts";
