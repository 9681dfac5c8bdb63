/** The queue by itself, over work that is only a name: any set of faults, conflicts and dependencies. */
import fc from "fast-check";
import type { FarmTask } from "mai-orchestration-core";
import { expect, test } from "vitest";
import { type Candidate, runQueue, type Tip } from "../../src/delivery/merge-queue.ts";

interface World {
  readonly many: number;
  /** Work that fails by itself. */
  readonly bad: readonly number[];
  /** Work that fails together. */
  readonly together: readonly (readonly [number, number])[];
  /** Work that contradicts each other. */
  readonly contradicting: readonly (readonly [number, number])[];
  /** The second builds on the first. */
  readonly after: readonly (readonly [number, number])[];
}

interface Told {
  readonly merged: number[];
  readonly failed: number[];
  readonly conflicted: number[];
  readonly tips: string[];
  checks: number;
}

function candidate(number: number, after: readonly number[]): Candidate {
  const task = { taskId: String(number) } as FarmTask;
  return { task, commit: String(number), after: after.map(String), origin: null };
}

function numbersOf(tip: Tip): number[] {
  return tip.tree === "" ? [] : tip.tree.split(",").map(Number);
}

function isGood(world: World, inside: readonly number[]): boolean {
  const has = (number: number): boolean => inside.includes(number);
  return !world.bad.some(has) && !world.together.some(([a, b]) => has(a) && has(b));
}

async function play(world: World): Promise<{ readonly told: Told; readonly tip: Tip }> {
  const told: Told = { merged: [], failed: [], conflicted: [], tips: [], checks: 0 };
  const waiting = Array.from({ length: world.many }, (_, number) =>
    candidate(
      number,
      world.after.filter(([, later]) => later === number).map(([before]) => before),
    ),
  );
  const start = { commit: "", tree: "" };
  const tip = await runQueue(
    { tip: start, inside: [], waiting },
    {
      async merge(onto, { commit }) {
        const inside = numbersOf(onto);
        const number = Number(commit);
        const contradicts = world.contradicting.some(
          ([a, b]) => (a === number && inside.includes(b)) || (b === number && inside.includes(a)),
        );
        if (contradicts) return { type: "conflict", tree: "both", files: ["file"] };
        const tree = [...inside, number].join(",");
        return { type: "merged", commit: tree, tree };
      },
      async check(onto, candidates) {
        told.checks++;
        expect(candidates.map(({ commit }) => Number(commit)).sort()).toEqual(numbersOf(onto).sort());
        return { fault: isGood(world, numbersOf(onto)) ? null : "broken", receipts: [] };
      },
      async merged(onto, candidates) {
        expect(isGood(world, numbersOf(onto))).toBe(true);
        told.tips.push(onto.tree);
        told.merged.push(...candidates.map(({ commit }) => Number(commit)));
      },
      async failed({ commit }) {
        told.failed.push(Number(commit));
      },
      async conflicted({ commit }, onto) {
        // Only what really is in the way is said to be: not what was in a batch that is judged later.
        expect(told.tips.at(-1) ?? "").toBe(onto.tree);
        told.conflicted.push(Number(commit));
      },
    },
  );
  return { told, tip };
}

const world: fc.Arbitrary<World> = fc.integer({ min: 1, max: 14 }).chain((many) => {
  const number = fc.integer({ min: 0, max: many - 1 });
  const pairs = fc
    .array(fc.tuple(number, number), { maxLength: 4 })
    .map((all) => all.flatMap(([a, b]): [number, number][] => (a < b ? [[a, b]] : [])));
  return fc.record({
    many: fc.constant(many),
    bad: fc.array(number, { maxLength: 3 }),
    together: pairs,
    contradicting: pairs,
    after: pairs,
  });
});

test("whatever is wrong, all that can go in goes in, each is settled once, and nothing that passed is broken", async () => {
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const { told, tip } = await play(given);

      const settled = [...told.merged, ...told.failed, ...told.conflicted];
      expect(settled.sort((a, b) => a - b)).toEqual(Array.from({ length: given.many }, (_, at) => at));
      const inside = numbersOf(tip);
      expect([...inside].sort()).toEqual([...told.merged].sort());
      for (const [before, later] of given.after)
        if (inside.includes(later)) expect(inside.indexOf(before)).toBeGreaterThanOrEqual(0);
      for (const left of told.failed) {
        const lacks = given.after.some(([before, later]) => later === left && !inside.includes(before));
        expect(lacks || !isGood(given, [...inside, left])).toBe(true);
      }
      for (const left of told.conflicted) {
        const isInTheWay = given.contradicting.some(
          ([a, b]) => (a === left && inside.includes(b)) || (b === left && inside.includes(a)),
        );
        expect(isInTheWay).toBe(true);
      }
    }),
    { numRuns: 400 },
  );
});

test("a hundred good ones are checked once; one bad one among them costs a check for each halving, twice", async () => {
  const empty = { together: [], contradicting: [], after: [] };

  const good = await play({ many: 100, bad: [], ...empty });
  const bad = await play({ many: 100, bad: [63], ...empty });

  expect(good.told.checks).toBe(1);
  expect(bad.told.failed).toEqual([63]);
  expect(bad.told.merged).toHaveLength(99);
  expect(bad.told.checks).toBeLessThanOrEqual(15);
});
