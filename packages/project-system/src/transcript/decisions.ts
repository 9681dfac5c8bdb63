/** Decisions that an assistant told, found by their wording alone: the same text gives the same ones, at no cost. */
import { cut, oneLine } from "../text.ts";

/** How many are kept. */
const maxDecisions = 5;
const maxDecisionChars = 300;

const wordings: readonly RegExp[] = [
  /\bdecided to\b/i,
  /\bchoosing\b.*\bbecause\b/i,
  /\bwent with\b/i,
  /\bselected\b.*\bfor\b/i,
  /\busing\b.*\binstead of\b/i,
  /\bopted for\b/i,
  /\bwill use\b/i,
];

/** One look at a whole text, before it is taken apart into sentences. */
const anyWording = /\b(?:decided to|choosing|went with|selected|instead of|opted for|will use)\b/i;

/** The sentences of `text` that tell a decision, in their order. @internal */
export function decisionsIn(text: string): readonly string[] {
  if (!anyWording.test(text)) return [];
  return text
    .split(/\n|(?<=[.!?])\s/)
    .filter((sentence) => {
      // A sentence that long is data, and a pattern with a gap would be slow on it.
      return sentence.length <= 5_000 && wordings.some((wording) => wording.test(sentence));
    })
    .map((sentence) => cut(oneLine(sentence), maxDecisionChars));
}

/** Those kept so far and those just found; what is told again counts as told last. @internal */
export function withDecisions(kept: readonly string[], found: readonly string[]): readonly string[] {
  return found.length === 0
    ? kept
    : [...kept.filter((each) => !found.includes(each)), ...new Set(found)].slice(-maxDecisions);
}
