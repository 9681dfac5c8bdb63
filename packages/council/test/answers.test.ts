import fc from "fast-check";
import { expect, test } from "vitest";
import { readPanelAnswer } from "../src/index.ts";

const object = '{"position": "approve", "content": "fine", "concerns": ["a"], "recommendations": []}';
const read = { position: "approve", content: "fine", concerns: ["a"], recommendations: [] };

test.each([
  ["alone", object],
  ["in a fence", `I think so.\n\n\`\`\`json\n${object}\n\`\`\`\nThat is all.`],
  ["in a sentence with braces", `In {this} case: ${object} {done}`],
  ["behind an unclosed brace", `if (x) { ... ${object}`],
  ["with trailing commas", '{"position": "Approve", "content": "fine", "concerns": ["a",], }'],
  ["after an earlier draft", `{"position": "block", "content": "draft"}\nNo:\n${object}`],
  [
    "after the draft in a fence",
    `\`\`\`json\n{"position":"block","content":"x"}\n\`\`\`\n\`\`\`\n${object}\n\`\`\``,
  ],
  ["with a text for a list", '{"position": "approved", "content": "fine", "concerns": "a"}'],
])("an answer %s is read", (_, text) => {
  expect(readPanelAnswer(text)).toEqual({ ok: true, answer: read });
});

test.each([
  ["", "the answer has no JSON object with a `position`"],
  ["approve", "the answer has no JSON object with a `position`"],
  [
    '{"position": "yes", "content": "x"}',
    '`position` is "yes", and must be approve, block, defer or neutral',
  ],
  ['{"position": "block"}', "`content` must say why"],
  ['{"position": "block", "content": "x", "concerns": [1]}', "`concerns` must be a list of texts"],
  [
    '{"position": "block", "content": "x", "recommendations": {}}',
    "`recommendations` must be a list of texts",
  ],
])("%j is refused, saying what is wrong and what is wanted", (text, problem) => {
  const reading = readPanelAnswer(text);

  expect(reading).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  expect(reading).toMatchObject({ problem: expect.stringContaining("End with one JSON object") });
});

test("no text makes the reader throw, and what it reads is bounded", () => {
  const noise = fc.stringMatching(/^[{}[\]",:`\\a\n]*$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), noise), fc.boolean(), (text, withObject) => {
      const reading = readPanelAnswer(withObject ? `${text}\n${object}` : text);
      if (reading.ok) expect(reading.answer.content.length).toBeLessThanOrEqual(16_000);
    }),
  );
  const huge = readPanelAnswer(
    JSON.stringify({
      position: "block",
      content: "x".repeat(1e5),
      concerns: Array(99).fill("y".repeat(1e4)),
    }),
  );
  expect(huge.ok && JSON.stringify(huge.answer).length).toBeLessThan(40_000);
});
