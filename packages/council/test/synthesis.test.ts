import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Position } from "../src/index.ts";
import {
  actionItemsOf,
  confidenceOf,
  consensusLevelOf,
  detectConflicts,
  generateDissentReport,
  reviewDecisionOf,
  synthesize,
} from "../src/index.ts";
import { agentOf, perspectiveOf, perspectives } from "./support/arbitraries.ts";

const panel = (...positions: Position[]) =>
  positions.map((position, index) => perspectiveOf(agentOf(`A${index}`), position));

describe("consensus", () => {
  test.each([
    [["approve", "approve", "approve"], "unanimous"],
    [["approve", "approve", "approve", "neutral"], "strong"],
    [["approve", "defer"], "moderate"],
    [["approve", "neutral", "neutral", "neutral"], "weak"],
    [["neutral", "neutral"], "none"],
    [["approve", "approve", "approve", "block"], "none"],
  ] as const)("%j is %s", (positions, level) => {
    expect(consensusLevelOf(panel(...positions))).toBe(level);
  });

  test("under `weighted` a small share of blocks does not stop, and vetoes weigh more", () => {
    const four = panel("approve", "approve", "approve", "block");
    const guard = perspectiveOf(agentOf("Guard", { vetoPower: true }), "approve");

    expect(consensusLevelOf(four, { strategy: "weighted" })).toBe("strong");
    expect(consensusLevelOf(four, { strategy: "weighted", conflictThreshold: 0.2 })).toBe("none");
    // 1.5 of 2.5 approve.
    expect(consensusLevelOf([guard, ...panel("defer")], { strategy: "weighted" })).toBe("moderate");
    expect(consensusLevelOf(four, { strategy: "weighted", agentWeights: { A3: 9 } })).toBe("none");
  });

  test("under `facilitator` a product manager decides, else the first, or who is named", () => {
    const [first, second] = panel("defer", "approve");
    const manager = perspectiveOf(agentOf("Ann", { role: "Product Manager" }), "approve");
    const strategy = "facilitator";

    expect(consensusLevelOf([...panel("block", "block"), manager], { strategy })).toBe("weak");
    expect(consensusLevelOf(panel("defer", "approve"), { strategy })).toBe("none");
    expect(consensusLevelOf(panel("defer", "approve"), { strategy, facilitatorName: "A1" })).toBe("moderate");
    expect([first?.position, second?.position]).toEqual(["defer", "approve"]);
  });

  test("confidence follows the level and the number of voices", () => {
    expect(confidenceOf("unanimous", 3)).toBe(0.95);
    expect(confidenceOf("unanimous", 4)).toBe(0.99);
    expect(confidenceOf("strong", 2)).toBe(0.72);
    expect(confidenceOf("none", 3)).toBe(0.2);
  });
});

describe("whatever a panel says", () => {
  test.each(["consensus", "weighted", "facilitator"] as const)(
    "a veto holds the work under %s",
    (strategy) => {
      fc.assert(
        fc.property(perspectives, (said) => {
          const vetoes = said.filter(({ agent, position }) => agent.vetoPower && position === "block");
          const { hold, consensusLevel, decision } = synthesize(said, {
            strategy,
            conflictThreshold: 1,
            topic: "T",
          });

          if (vetoes.length > 0) expect(hold).toContain("veto of");
          expect(hold === null).toBe(consensusLevel !== "none");
          expect(decision).toBe(hold === null ? "Go ahead: T" : "Held: T");
        }),
      );
    },
  );

  test("more approval never means less consensus", () => {
    const order = ["none", "weak", "moderate", "strong", "unanimous"];
    fc.assert(
      fc.property(
        perspectives,
        fc.nat(),
        fc.constantFrom("consensus", "weighted"),
        (said, pick, strategy) => {
          const index = pick % said.length;
          const after = said.map((one, at) =>
            at === index ? { ...one, position: "approve" as const } : one,
          );
          const level = (of: typeof said): number =>
            order.indexOf(consensusLevelOf(of, { strategy: strategy as "consensus" }));

          expect(level(after)).toBeGreaterThanOrEqual(level(said));
        },
      ),
    );
  });

  test("the order of a panel changes neither level nor hold of a consensus", () => {
    fc.assert(
      fc.property(perspectives, (said) => {
        const there = synthesize(said);
        const back = synthesize([...said].reverse());

        expect(back.consensusLevel).toBe(there.consensusLevel);
        expect(back.hold === null).toBe(there.hold === null);
      }),
    );
  });

  test("every dissenter is named, and action items are recommendations, each once", () => {
    fc.assert(
      fc.property(perspectives, (said) => {
        const report = generateDissentReport(said);
        const items = actionItemsOf(said);
        const names = said.filter(({ position }) => position !== "approve").map(({ agent }) => agent.name);

        expect(report?.dissenters ?? []).toEqual(names);
        expect(items.length).toBeLessThanOrEqual(5);
        expect(new Set(items.map(({ task }) => task.toLowerCase())).size).toBe(items.length);
        const recommended = said.flatMap(({ recommendations }) => recommendations);
        for (const { task } of items) expect(recommended).toContain(task);
      }),
    );
  });

  test("approve against block is always a conflict", () => {
    fc.assert(
      fc.property(perspectives, (said) => {
        const has = (position: Position): boolean => said.some((one) => one.position === position);
        const direct = detectConflicts(said).some(({ type }) => type === "direct");

        expect(direct).toBe(has("approve") && has("block"));
      }),
    );
  });

  test("a review blocks for one block, and approves nothing that fewer than half approve", () => {
    fc.assert(
      fc.property(perspectives, fc.nat({ max: 3 }), (said, silent) => {
        const { verdict, reasons } = reviewDecisionOf(said, said.length + silent);
        const approving = said.filter(({ position }) => position === "approve").length;

        if (said.some(({ position }) => position === "block")) expect(verdict).toBe("block");
        else if (approving > 0 && approving >= (said.length + silent) / 2) expect(verdict).toBe("approve");
        else expect(verdict).toBe("defer");
        expect(reasons.length === 0).toBe(verdict === "approve");
      }),
    );
  });
});

test("what more than half recommend is urgent, and goes to who knows it", () => {
  const dba = agentOf("Dana", { expertise: ["migration"] });
  const said = [
    perspectiveOf(dba, "approve", { recommendations: ["Write the migration."] }),
    perspectiveOf(agentOf("B"), "approve", { recommendations: ["write the  migration", "Tell users"] }),
    perspectiveOf(agentOf("C"), "approve"),
  ];

  expect(actionItemsOf(said)).toEqual([
    { task: "Write the migration.", owner: "Dana", priority: "high" },
    { task: "Tell users", owner: "Unassigned", priority: "medium" },
  ]);
});
