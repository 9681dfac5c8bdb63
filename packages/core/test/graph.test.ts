import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  defaultEstimateMs,
  dependencyOrder,
  type FarmTask,
  findCycle,
  longestPaths,
  readySet,
} from "../src/index.ts";

type Node = Pick<FarmTask, "taskId" | "dependsOn" | "estimate">;

const anyEstimate = fc.option(fc.nat(100), { nil: undefined });

/** Any graph at all: cycles, repeated dependencies, and ones that are not in it. */
const anyGraph: fc.Arbitrary<Node[]> = fc
  .array(fc.tuple(fc.array(fc.nat(10), { maxLength: 3 }), anyEstimate), { maxLength: 9 })
  .map((rows) => rows.map(([deps, estimate], at) => nodeOf(at, deps, estimate)));

/** Any graph without a cycle, its tasks in any order. */
const anyAcyclic: fc.Arbitrary<Node[]> = fc
  .array(fc.tuple(fc.array(fc.nat(10), { maxLength: 3 }), anyEstimate), { maxLength: 9 })
  .map((rows) =>
    rows.map(([deps, estimate], at) =>
      nodeOf(
        at,
        deps.filter((dep) => dep < at),
        estimate,
      ),
    ),
  )
  .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length }));

function nodeOf(at: number, deps: readonly number[], estimate: number | undefined): Node {
  const node = { taskId: `t${at}`, dependsOn: deps.map((dep) => `t${dep}`) };
  return estimate === undefined ? node : { ...node, estimate };
}

describe("findCycle", () => {
  test("finds one exactly where taking away tasks without dependencies leaves something", () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        expect(findCycle(graph) !== undefined).toBe(hasCycle(graph));
      }),
      { numRuns: 1_000 },
    );
  });

  test("names a real cycle: each id depends on the next, the first is repeated at the end, none else is", () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const cycle = findCycle(graph);
        fc.pre(cycle !== undefined);

        expect(cycle.at(0)).toBe(cycle.at(-1));
        expect(new Set(cycle).size).toBe(cycle.length - 1);
        for (const [at, id] of cycle.slice(0, -1).entries()) {
          expect(graph.find(({ taskId }) => taskId === id)?.dependsOn).toContain(cycle[at + 1]);
        }
      }),
    );
  });

  test("a task that depends on itself is a cycle", () => {
    expect(findCycle([{ taskId: "a", dependsOn: ["a"] }])).toEqual(["a", "a"]);
  });

  test("a chain of a hundred thousand tasks overflows nothing, closed or not", () => {
    const chain = chainOf(100_000);
    expect(findCycle(chain)).toBeUndefined();

    const closed = [{ taskId: "t0", dependsOn: ["t99999"] }, ...chain.slice(1)];
    expect(findCycle(closed)).toHaveLength(100_001);
  });
});

describe("longestPaths", () => {
  test("is what walking every path behind a task gives", () => {
    fc.assert(
      fc.property(anyAcyclic, (graph) => {
        const lengths = longestPaths(graph);
        expect(lengths.size).toBe(graph.length);
        for (const node of graph) expect(lengths.get(node.taskId)).toBe(walk(graph, node));
      }),
      { numRuns: 500 },
    );
  });

  test("a chain of a hundred thousand tasks overflows nothing", () => {
    expect(longestPaths(chainOf(100_000)).get("t0")).toBe(100_000 * defaultEstimateMs);
  });
});

test("dependencyOrder puts every task after its dependencies and loses none", () => {
  fc.assert(
    fc.property(anyAcyclic, (graph) => {
      const ids = dependencyOrder(graph).map(({ taskId }) => taskId);
      expect([...ids].sort()).toEqual(graph.map(({ taskId }) => taskId).sort());
      for (const { taskId, dependsOn } of graph) {
        for (const id of dependsOn ?? []) expect(ids.indexOf(id)).toBeLessThan(ids.indexOf(taskId));
      }
    }),
  );
});

test("dependencyOrder keeps the order of tasks that do not wait for each other", () => {
  const ordered = dependencyOrder([{ taskId: "c", dependsOn: ["b"] }, { taskId: "b" }, { taskId: "a" }]);
  expect(ordered.map(({ taskId }) => taskId)).toEqual(["b", "a", "c"]);
});

test("readySet is what has not succeeded and waits for nothing that has not", () => {
  const graph: Node[] = [
    { taskId: "a" },
    { taskId: "b", dependsOn: ["a"] },
    { taskId: "c", dependsOn: ["a", "b"] },
    { taskId: "d" },
  ];
  const ids = (succeeded: string[]) => readySet(graph, new Set(succeeded)).map(({ taskId }) => taskId);

  expect(ids([])).toEqual(["a", "d"]);
  expect(ids(["a"])).toEqual(["b", "d"]);
  expect(ids(["a", "b", "d"])).toEqual(["c"]);
});

/** The naive oracle: take away whatever waits for nothing that is left. */
function hasCycle(graph: readonly Node[]): boolean {
  let left = [...graph];
  for (;;) {
    const ids = new Set(left.map(({ taskId }) => taskId));
    const next = left.filter(({ dependsOn }) => dependsOn?.some((id) => ids.has(id)));
    if (next.length === left.length) return left.length > 0;
    left = next;
  }
}

function walk(graph: readonly Node[], node: Node): number {
  const behind = graph.filter(({ dependsOn }) => dependsOn?.includes(node.taskId));
  return (node.estimate ?? defaultEstimateMs) + Math.max(0, ...behind.map((next) => walk(graph, next)));
}

function chainOf(length: number): Node[] {
  return Array.from({ length }, (_, at) => ({ taskId: `t${at}`, dependsOn: at === 0 ? [] : [`t${at - 1}`] }));
}
