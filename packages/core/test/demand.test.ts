import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Capacity,
  chooseAgent,
  type Demand,
  demandOf,
  demandOfLane,
  laneOf,
  serves,
  taskTypes,
} from "../src/index.ts";
import { taskOf } from "./life.ts";

// Awkward on purpose: spaces and percent signs are what lanes are written with.
const anyName = fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }).map((name) => `${name} %20`);
const anyDemand: fc.Arbitrary<Demand> = fc.record({
  kind: fc.constantFrom("command" as const, "prose" as const),
  type: fc.constantFrom(...taskTypes),
  agent: fc.option(anyName),
  locks: fc.uniqueArray(fc.string({ unit: "grapheme" }), { maxLength: 3 }).map((locks) => locks.sort()),
  alone: fc.boolean(),
  requires: fc.uniqueArray(anyName, { maxLength: 2 }).map((tags) => tags.sort()),
});
const anyAgent: fc.Arbitrary<Capacity> = fc.record({
  agentId: fc.constantFrom("a", "b", "c", "d"),
  capabilities: fc.subarray([...taskTypes]),
  commands: fc.boolean(),
  prose: fc.boolean(),
  maxConcurrent: fc.integer({ min: 1, max: 8 }),
});

test("what a task requires must be a tag of the machine", () => {
  const demand = demandOf(taskOf({ requires: ["gpu", "linux", "gpu"] }), 0);

  expect(demand.requires).toEqual(["gpu", "linux"]);
  expect(serves(agentOf("a", { tags: ["linux", "big", "gpu"] }), demand)).toBe(true);
  expect(serves(agentOf("a", { tags: ["gpu"] }), demand)).toBe(false);
  expect(serves(agentOf("a"), demand)).toBe(false);
  expect(serves(agentOf("a", { tags: ["gpu"] }), demandOf(taskOf(), 0))).toBe(true);
});

function agentOf(agentId: string, changes: Partial<Capacity> = {}): Capacity {
  return { agentId, capabilities: taskTypes, commands: false, prose: true, maxConcurrent: 4, ...changes };
}

describe("a demand", () => {
  test("comes back from the name of its lane, the type of a command aside", () => {
    fc.assert(
      fc.property(anyDemand, (demand) => {
        const back = demandOfLane(laneOf(demand));
        expect(back).toEqual(demand.kind === "command" ? { ...demand, type: back.type } : demand);
      }),
    );
  });

  test("shares its lane with equal demands only", () => {
    fc.assert(
      fc.property(anyDemand, anyDemand, (a, b) => {
        const equal = JSON.stringify(demandOfLane(laneOf(a))) === JSON.stringify(demandOfLane(laneOf(b)));
        expect(laneOf(a) === laneOf(b)).toBe(equal);
      }),
    );
  });

  test("is met by the same agents before and after its lane", () => {
    fc.assert(
      fc.property(anyDemand, anyAgent, (demand, agent) => {
        expect(serves(agent, demandOfLane(laneOf(demand)))).toBe(serves(agent, demand));
      }),
    );
  });

  test("lists each lock once, in one order", () => {
    expect(demandOf(taskOf({ locks: ["b", "a", "b"] }), 0).locks).toEqual(["a", "b"]);
  });

  test.each([
    { maxLost: undefined, losses: 2, alone: false },
    { maxLost: undefined, losses: 3, alone: true },
    { maxLost: 1, losses: 1, alone: true },
    { maxLost: 0, losses: 0, alone: false },
  ])("with maxLost $maxLost after $losses losses is alone: $alone", ({ maxLost, losses, alone }) => {
    const task = maxLost === undefined ? taskOf() : taskOf({ retry: { maxLost } });
    expect(demandOf(task, losses).alone).toBe(alone);
  });
});

describe("who may do it", () => {
  test("a command goes to agents that run commands, whatever its type, and to no other", () => {
    const demand = demandOf(taskOf({ type: "review", command: "true" }), 0);

    expect(serves(agentOf("shell", { capabilities: [], commands: true, prose: false }), demand)).toBe(true);
    expect(serves(agentOf("model"), demand)).toBe(false);
  });

  test("a task without a command goes to an agent of its type and never to one that only runs commands", () => {
    const demand = demandOf(taskOf({ type: "review" }), 0);

    expect(serves(agentOf("model"), demand)).toBe(true);
    expect(serves(agentOf("tester", { capabilities: ["test"] }), demand)).toBe(false);
    expect(serves(agentOf("shell", { commands: true, prose: false }), demand)).toBe(false);
  });

  test("a pinned task goes to its agent only", () => {
    const demand = demandOf(taskOf({ agent: "a" }), 0);

    expect(serves(agentOf("a"), demand)).toBe(true);
    expect(serves(agentOf("b"), demand)).toBe(false);
  });
});

describe("chooseAgent", () => {
  test("takes the largest free share among those that can, the first registered of equals, and nobody when all are full", () => {
    const anyOffers = fc.array(fc.tuple(anyAgent, fc.nat(8)), { maxLength: 6 });
    fc.assert(
      fc.property(anyOffers, anyDemand, (offers, demand) => {
        const free = new Map(offers.map(([agent, slots]) => [agent, Math.min(slots, agent.maxConcurrent)]));
        const agents = offers.map(([agent]) => agent);
        const shareOf = (agent: Capacity) => (free.get(agent) ?? 0) / agent.maxConcurrent;

        const able = agents.filter((agent) => serves(agent, demand) && shareOf(agent) > 0);
        const largest = Math.max(...able.map(shareOf));
        const expected = able.find((agent) => shareOf(agent) === largest);

        expect(chooseAgent(agents, demand, (agent) => free.get(agent) ?? 0)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("an agent that is overbooked has no free slot", () => {
    expect(chooseAgent([agentOf("a")], demandOf(taskOf(), 0), () => -1)).toBeUndefined();
  });
});
