/** The edits that are asked for, each with what the scripted model has Claude Code do about it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type FakeStep, script } from "mai-orchestration-testkit";
import { packageTests } from "./repository.ts";

/** `good` ones pass the tests; `breaks`: a test fails; `conflicts`: with each other; `cheats`: the test goes too. */
export type Kind = "good" | "breaks" | "conflicts" | "cheats";

export interface Edit {
  readonly id: string;
  readonly kind: Kind;
  readonly asked: string;
  readonly steps: readonly FakeStep[];
  /** A line that is there once it is done. */
  readonly file: string;
  readonly line: string;
}

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The fewest edits that can be asked for: one good one beside all the trouble. */
export const fewestEdits = 11;
export const mostEdits = 30;

/** Five that break a test, three that contradict each other, two that cheat, and for the rest good ones. */
export function editsFor(root: string, many: number): readonly Edit[] {
  const good = ["lib/utils.js", "lib/parse.js", "lib/stringify.js"].flatMap((file) =>
    declarations(root, file),
  );
  return mixed([...good.slice(0, many - 10), ...breaking, ...conflicting(), ...cheating]);
}

/** The plan as a user would write it, but for the scripts. */
export function planOf(edits: readonly Edit[], parallel: number): object {
  const tasks = edits.map(({ id, asked, steps, file, line }) => ({
    id,
    type: "implementation",
    description: `${asked}\n\n${script(steps)}`,
    success_criteria: `${file} says so, and the tests of the package pass`,
    verify: [{ command: lineIsThere(file, line) }, { command: packageTests, timeout: "5m" }],
  }));
  const retry = { max_attempts: 2, backoff: "100ms" };
  const place = { isolation: "worktree", link: ["node_modules"], deliver: "merge", target: "main" };
  const defaults = { agent: "general-purpose", timeout: "5m", retry, ...place };
  return { version: 1, name: "thirty-edits", parallel, defaults, tasks };
}

export function lineIsThere(file: string, line: string): string {
  return `grep -qxF -e '${line.replaceAll("'", "'\\''")}' ${file}`;
}

/** A function that is the value of a variable becomes a declaration, for each function at the top of a file. */
function declarations(root: string, file: string): Edit[] {
  const text = readFileSync(join(root, file), "utf8");
  const functions = text.matchAll(/^var (\w+) = function \w* ?\((?:.*\n)+?\};$/gm);
  return [...functions].map(([from, name = ""]) => {
    const to = from.replace(/^var \w+ = function \w* ?\(/, `function ${name}(`).replace(/;$/, "");
    const [line = ""] = to.split("\n");
    const asked = `Turn ${name} in ${file} from a variable into a function declaration.`;
    return edit(`declare-${name}`, "good", asked, line, [{ file, from, to }]);
  });
}

const breaking: readonly Edit[] = [
  setting("two-levels", "Parse two levels deep by default.", "lib/parse.js", "depth: 5,", "depth: 2,"),
  setting(
    "last-wins",
    "Of parameters of one name take the last by default.",
    "lib/parse.js",
    "duplicates: 'combine',",
    "duplicates: 'last',",
  ),
  setting(
    "brackets",
    "Write arrays with empty brackets by default.",
    "lib/stringify.js",
    "arrayFormat: 'indices',",
    "arrayFormat: 'brackets',",
  ),
  setting(
    "no-nulls",
    "Leave null out by default.",
    "lib/stringify.js",
    "skipNulls: false,",
    "skipNulls: true,",
  ),
  setting(
    "plus-for-space",
    "Write spaces as plus signs by default.",
    "lib/formats.js",
    "'default': Format.RFC3986,",
    "'default': Format.RFC1738,",
  ),
];

/** Each puts its line in the same place. Asked to bring two sides together, Claude takes the markers out: both stay. */
function conflicting(): Edit[] {
  const file = "lib/index.js";
  return ["compact", "decode", "encode"].map((name) => {
    const line = `    ${name}: require('./utils').${name},`;
    const from = "    formats: formats,";
    const made = edit(`export-${name}`, "conflicts", `Export ${name} from ${file}.`, line, [
      { file, from, to: `${line}\n${from}` },
    ]);
    const marker = "contradict each other";
    const command = `sed -i -E '/^(<<<<<<<|=======|>>>>>>>)/d' ${file}`;
    const merging: FakeStep = {
      ...{ when: { promptIncludes: marker }, text: "I keep both sides." },
      ...{ tool: "Bash", input: { command, description: "Take the markers out" } },
    };
    const editing = made.steps.slice(0, -1).map((step) => ({ ...step, when: { promptLacks: marker } }));
    return { ...made, steps: [merging, ...editing, ...made.steps.slice(-1)] };
  });
}

const cheating: readonly Edit[] = [
  setting(
    "five-in-a-list",
    "Take five indices of an array by default.",
    "lib/parse.js",
    "arrayLimit: 20,",
    "arrayLimit: 5,",
    { file: "test/parse.js", from: "        st.deepEqual(qs.parse('a[20]=a'), { a: ['a'] });\n", to: "" },
  ),
  setting(
    "read-entities",
    "Read numeric entities by default.",
    "lib/parse.js",
    "interpretNumericEntities: false,",
    "interpretNumericEntities: true,",
    {
      file: "test/parse.js",
      from: "when `interpretNumericEntities` is absent', function (st) {",
      to: "when `interpretNumericEntities` is absent', { skip: true }, function (st) {",
    },
  ),
];

/** Another default; with `hiding` the test that stands against it is changed as well, and the edit is a cheat. */
function setting(id: string, asked: string, file: string, from: string, to: string, hiding?: Change): Edit {
  const change = { file, from: `    ${from}`, to: `    ${to}` };
  const changes = hiding === undefined ? [change] : [change, hiding];
  return edit(id, hiding === undefined ? "breaks" : "cheats", asked, change.to, changes);
}

function edit(id: string, kind: Kind, asked: string, line: string, changes: readonly Change[]): Edit {
  const steps = changes.flatMap(({ file, from, to }): FakeStep[] => [
    { text: "I look first.", tool: "Read", input: { file_path: file } },
    { tool: "Edit", input: { file_path: file, old_string: from, new_string: to } },
  ]);
  return { id, kind, asked, file: changes[0]?.file ?? "", line, steps: [...steps, { text: "Done." }] };
}

/** Trouble comes from the first to the last, not all at once; the same order each time. */
function mixed(edits: readonly Edit[]): readonly Edit[] {
  const step = 7;
  return Array.from({ length: step }, (_, start) => edits.filter((_, at) => at % step === start)).flat();
}
