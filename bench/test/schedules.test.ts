import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dag, DagTask } from "../schedules/dag.ts";
import { loadDags, lowerBoundMs, pathLengths } from "../schedules/dag.ts";
import { idealMakespanMs } from "../schedules/list-schedule.ts";
import { virtualTime } from "../schedules/virtual-time.ts";

const diamond: Dag = {
  name: "diamond",
  tasks: [
    { id: "a", ms: 10, deps: [] },
    { id: "b", ms: 5, deps: ["a"] },
    { id: "c", ms: 20, deps: ["a"] },
    { id: "d", ms: 1, deps: ["b", "c"] },
  ],
};

/** Any graph: a task depends on earlier ones only, so there is no cycle. */
const anyDag: fc.Arbitrary<Dag> = fc
  .array(fc.record({ ms: fc.nat(1000), deps: fc.array(fc.nat(50), { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((drafts) => ({
    name: "any",
    tasks: drafts.map(({ ms, deps }, index): DagTask => {
      const earlier = index === 0 ? [] : deps.map((dep) => `t${dep % index}`);
      return { id: `t${index}`, ms, deps: earlier };
    }),
  }));

describe("idealMakespanMs", () => {
  test("dependencies wait and what is free runs side by side", () => {
    expect(idealMakespanMs(diamond, 2)).toBe(31);
    expect(idealMakespanMs(diamond, 1)).toBe(36);
  });

  test("the longest path goes first although it stands last", () => {
    const tasks = [2, 2, 4].map((ms, index) => ({ id: `t${index}`, ms, deps: [] }));

    expect(idealMakespanMs({ name: "flat", tasks }, 2)).toBe(4);
  });

  test("a slot that frees is filled although others still run", () => {
    const tasks = [5, 1, 1, 1, 1].map((ms, index) => ({ id: `t${index}`, ms, deps: [] }));

    expect(idealMakespanMs({ name: "flat", tasks }, 2)).toBe(5);
  });

  test("it is never below the lower bound, nor above what any list schedule is held to", () => {
    fc.assert(
      fc.property(anyDag, fc.integer({ min: 1, max: 8 }), (dag, slots) => {
        const ideal = idealMakespanMs(dag, slots);
        const longest = Math.max(...pathLengths(dag).values());
        const work = dag.tasks.reduce((sum, task) => sum + task.ms, 0);
        expect(ideal).toBeGreaterThanOrEqual(lowerBoundMs(dag, slots) - 1e-9);
        // Graham's bound: whenever a slot is idle, some longest chain makes progress.
        expect(ideal).toBeLessThanOrEqual(work / slots + longest * (1 - 1 / slots) + 1e-9);
      }),
    );
  });

  test("with a slot for every task it is the longest path", () => {
    fc.assert(
      fc.property(anyDag, (dag) => {
        expect(idealMakespanMs(dag, dag.tasks.length)).toBe(Math.max(...pathLengths(dag).values()));
      }),
    );
  });
});

test("the path length of a task counts it and the longest chain behind it", () => {
  expect(Object.fromEntries(pathLengths(diamond))).toEqual({ a: 31, b: 6, c: 21, d: 1 });
  expect(lowerBoundMs(diamond, 2)).toBe(31);
  expect(lowerBoundMs(diamond, 1)).toBe(36);
});

test("the three graphs load, and every dependency stands before its dependants can run", () => {
  const dags = loadDags();

  expect(dags.map(({ name, tasks }) => `${name} ${tasks.length}`)).toEqual([
    "montage 103",
    "srasearch 42",
    "taxprofiler 127",
  ]);
  for (const { tasks } of dags) {
    const ids = new Set(tasks.map((task) => task.id));
    expect(ids.size).toBe(tasks.length);
    expect(tasks.flatMap((task) => task.deps).filter((id) => !ids.has(id))).toEqual([]);
  }
});

describe("virtualTime", () => {
  test("timers fire in order of time, then of setting, and what they cause happens before the next", async () => {
    const time = virtualTime();
    const seen: string[] = [];
    const note = async (name: string, ms: number): Promise<void> => {
      await time.sleep(ms);
      seen.push(`${name}@${time.now()}`);
    };
    void note("late", 30);
    void note("first", 10).then(() => note("caused", 5));
    void note("second", 10);

    await time.play();

    expect(seen).toEqual(["first@10", "second@10", "caused@15", "late@30"]);
    expect(time.now()).toBe(30);
  });
});
