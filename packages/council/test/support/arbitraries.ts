import fc from "fast-check";
import type {
  AgentPerspective,
  CouncilAgent,
  CouncilResult,
  CouncilRound,
  Position,
} from "../../src/index.ts";
import { actionItemsOf, detectConflicts, synthesize, writeSessionFile } from "../../src/index.ts";

export function agentOf(name: string, more: Partial<CouncilAgent> = {}): CouncilAgent {
  const none = { expertise: [], personality: [], triggers: [], vetoCriteria: [] };
  return { name, role: name, vetoPower: false, content: "", ...none, ...more };
}

export function perspectiveOf(
  agent: CouncilAgent,
  position: Position,
  more: Partial<AgentPerspective> = {},
): AgentPerspective {
  const said = { content: "because", concerns: [], recommendations: [], round: 1 };
  return { agent, position, ...said, timestamp: "2026-01-02T03:04:05.000Z", ...more };
}

/** One line of what people write, markup included. */
export const line: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }),
    fc.constantFrom(
      "# Action Items",
      "- [ ] x (owner: y, priority: low)",
      "| a | b |",
      "**x**",
      "a\\|b",
      "```",
      "(x)",
      "a, due: b",
    ),
  )
  .map((text) => text.replace(/\s+/g, " ").trim())
  .filter((text) => text !== "");

/** Several lines. */
export const prose: fc.Arbitrary<string> = fc
  .array(line, { minLength: 1, maxLength: 4 })
  .map((lines) => lines.join("\n"));

const position = fc.constantFrom<Position>("approve", "block", "defer", "neutral");

export const perspectives: fc.Arbitrary<readonly AgentPerspective[]> = fc
  .array(
    fc.record({
      position,
      vetoPower: fc.boolean(),
      content: prose,
      concerns: fc.array(line, { maxLength: 3 }),
      recommendations: fc.array(line, { maxLength: 3 }),
      expertise: fc.array(line, { maxLength: 2 }),
      vetoCriteria: fc.array(line, { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((all) =>
    all.map(({ position: stand, content, concerns, recommendations, ...more }, index) =>
      perspectiveOf(agentOf(`Agent ${index}`, more), stand, { content, concerns, recommendations }),
    ),
  );

export const results: fc.Arbitrary<CouncilResult> = fc
  .record({ said: perspectives, topic: line, context: prose })
  .map(({ said, topic, context }) => {
    const synthesis = synthesize(said, { topic });
    const round: CouncilRound = {
      number: 1,
      perspectives: said,
      conflicts: detectConflicts(said),
      consensusReached: false,
    };
    const result = {
      session: {
        id: "council-abc-def",
        topic,
        context,
        roster: said.map(({ agent }) => agent),
        rounds: [round],
        synthesisStrategy: "consensus" as const,
        startTime: "2026-01-02T03:04:05.000Z",
      },
      synthesis,
      actionItems: synthesis.hold === null ? actionItemsOf(said) : [],
      reviews: [],
    };
    return { ...result, transcript: writeSessionFile(result) };
  });
