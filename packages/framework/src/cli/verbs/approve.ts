/** `mai approve`: a person's yes. */
import { answerVerb } from "../approval/answer-verb.ts";
import type { Verb } from "../command.ts";

/** @internal */
export const verb: Verb = answerVerb(true, {
  usage: "approve TASK",
  details: `Says yes to a task that waits for a person: one with \`approval: before\` becomes ready, one with \`approval: after\`
succeeds. The journal says who said it. Saying it twice changes nothing.`,
  examples: [["mai approve deploy --note 'staging looks good'", "lets `deploy` start, or stand"]],
});
