import { expect, test } from "vitest";
import { type Capacity, type Demand, serves } from "../src/index.ts";

const spare: Capacity = {
  agentId: "spare",
  capabilities: [],
  commands: true,
  prose: true,
  maxConcurrent: 1,
  standsInFor: [{ agentId: "a", capabilities: ["review"] }],
};
const demand = (more: Partial<Demand>): Demand => ({
  kind: "prose",
  type: "review",
  agent: null,
  locks: [],
  alone: false,
  requires: [],
  ...more,
});

test.each([
  ["a task of a type that the other does", {}, true],
  ["a task pinned to the other", { agent: "a" }, true],
  ["a task pinned to a third", { agent: "b" }, false],
  ["a task of a type that the other does not do", { type: "research" }, false],
  ["a task pinned to the other, of a type that it does not do", { agent: "a", type: "research" }, false],
  ["a command pinned to the other", { kind: "command", agent: "a" }, false],
  ["a council", { kind: "council", agent: "council/x" }, false],
  ["a task of a machine that this one is not", { requires: ["gpu"] }, false],
] as const)("a stand-in does what the other would, and nothing else: %s", (_what, more, does) => {
  expect(serves(spare, demand(more))).toBe(does);
});
