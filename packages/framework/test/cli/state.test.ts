import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, mai, planText } from "../support/test-io.ts";

/** What `state export` says of a run with an end of each kind. */
async function exported(): Promise<string> {
  const plan = planText(
    { a: { command: "true", verify: ["true"] }, b: "exit 1", c: { command: "true", depends_on: ["b"] } },
    { name: "moved" },
  );
  const cwd = folder({ "plan.json": plan });
  await mai(cwd, ["run", "plan.json"]);
  return (await mai(cwd, ["state", "export"])).out;
}

test("a run that was exported and imported is the same run, journal and all", async () => {
  const text = await exported();
  const cwd = folder({ "state.json": text });

  const imported = await mai(cwd, ["state", "import", "state.json"]);
  const again = await mai(cwd, ["state", "export"]);

  expect(imported).toMatchObject({ code: 0, out: expect.stringContaining("with 3 tasks into") });
  expect((await mai(cwd, ["audit"])).code).toBe(0);
  expect((await mai(cwd, ["status"])).out).toMatch(/a +verified[\s\S]*b +failed[\s\S]*c +blocked/);
  const [before, after] = [JSON.parse(text), JSON.parse(again.out)];
  expect(after.tasks).toEqual(before.tasks);
  const plain = (entry: Record<string, unknown>): unknown => ({ ...entry, seq: 0 });
  expect(after.journal.map(plain)).toEqual(before.journal.map(plain));
  expect(before).toMatchObject({ version: 1, store: null, run: { name: "moved" } });
});

test("a run is imported once: a second time is refused and changes nothing", async () => {
  const cwd = folder();
  const text = await exported();
  await mai(cwd, ["state", "import", "-"], { stdin: text });

  const again = await mai(cwd, ["state", "import", "-"], { stdin: text });

  expect(again.code).toBe(4);
  expect(again.err).toContain("already has the run");
  expect((await mai(cwd, ["ps", "--json"])).out.trim().split("\n")).toHaveLength(1);
});

interface Loose {
  version: unknown;
  store: unknown;
  run: Record<string, unknown>;
  tasks: { task: Record<string, unknown>; result: Record<string, unknown> | null }[];
  journal: Record<string, unknown>[];
}

const damages: readonly (readonly [name: string, damage: (state: Loose) => unknown, says: string])[] = [
  ["a newer version", (state) => ({ ...state, version: 99 }), "[state.newer-version]"],
  ["no version", ({ version: _, ...state }) => state, "it has no `version`"],
  ["a list", () => [], "it is no object"],
  ["no journal", (state) => ({ ...state, journal: [] }), "it has no `journal`"],
  [
    "a run without an id",
    (state) => ({ ...state, run: { ...state.run, runId: 3 } }),
    "`run` lacks something",
  ],
  ["only the name of a store", (state) => ({ ...state, store: "/x.db" }), "only names the store"],
  [
    "an unknown event",
    (state) => ({ ...state, journal: [{ ...state.journal[0], type: "run.eaten" }] }),
    "journal[0] has the unknown type",
  ],
  [
    "an event without its fields",
    (state) => ({ ...state, journal: state.journal.map((entry) => ({ ...entry, attempt: "one" })) }),
    "`attempt` is no number",
  ],
  ["events out of order", (state) => ({ ...state, journal: state.journal.toReversed() }), "breaks the order"],
  ["a missing first half", (state) => ({ ...state, journal: state.journal.slice(6) }), "never queued"],
  [
    "a result that was changed",
    (state) => ({ ...state, tasks: state.tasks.map((task) => ({ ...task, result: null })) }),
    "is not what the journal says",
  ],
  [
    "one task too many",
    (state) => ({ ...state, tasks: [...state.tasks, state.tasks[0]] }),
    "tasks[3] is not in the journal",
  ],
];

test.each(damages)("a state with %s is refused with 4, and no store is made", async (_name, damage, says) => {
  const cwd = folder();
  const text = JSON.stringify(damage(JSON.parse(await exported())));
  writeFileSync(join(cwd, "state.json"), text);

  const said = await mai(cwd, ["state", "import", "state.json"]);

  expect(said.code).toBe(4);
  expect(said.err).toContain("state.json");
  expect(said.err).toContain(says);
  expect(existsSync(join(cwd, ".mai"))).toBe(false);
});

test.each([
  ["cut off", (text: string) => text.slice(0, text.length / 2)],
  ["empty", () => ""],
  ["no JSON", () => "run: x"],
])("a state that is %s is refused, and no store is made", async (_name, damage) => {
  const cwd = folder();

  const said = await mai(cwd, ["state", "import", "-"], { stdin: damage(await exported()) });

  expect(said).toMatchObject({ code: 4, err: expect.stringContaining("[state.invalid]") });
  expect(existsSync(join(cwd, ".mai"))).toBe(false);
});

test("a file that is not there is refused with its name", async () => {
  const said = await mai(folder(), ["state", "import", "gone.json"]);

  expect(said).toMatchObject({ code: 4, err: expect.stringContaining("gone.json cannot be read") });
});
