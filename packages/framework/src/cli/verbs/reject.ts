/** `mai reject`: a person's no. */
import { answerVerb } from "../approval/answer-verb.ts";
import type { Verb } from "../command.ts";

/** @internal */
export const verb: Verb = answerVerb(false, {
  usage: "reject TASK",
  details: `Says no to a task that waits for a person. One that has not started ends as blocked; what an attempt left counts as
failed, and the note is what the next attempt is told, while attempts are left. Saying it twice changes nothing.`,
  examples: [["mai reject docs --note 'name every flag'", "has `docs` done again"]],
});
