/** The tasks of the long plan, each with what the fake model makes of it. */
import type { FakeStep, FakeToolCall } from "mai-orchestration-testkit";
import { script } from "mai-orchestration-testkit";
import type { ScriptedTask } from "./claude-plan.ts";

/** A turn in which Claude is told to use its shell. */
export function bash(command: string): FakeToolCall {
  return { tool: "Bash", input: { command, description: "for the test" } };
}

/** A turn in which Claude is told to write a file with its own tool. */
function write(root: string, file: string, content: string): FakeToolCall {
  return { tool: "Write", input: { file_path: `${root}/${file}`, content } };
}

function read(root: string, file: string): FakeToolCall {
  return { tool: "Read", input: { file_path: `${root}/${file}` } };
}

function edit(root: string, file: string, from: string, to: string): FakeToolCall {
  return { tool: "Edit", input: { file_path: `${root}/${file}`, old_string: from, new_string: to } };
}

/** A shell that would not end by itself, with a child that left its session. */
export const hangingShell = "setsid -f tail -f /dev/null; tail -f /dev/null";

/** The repository that the tasks work on. */
export const projectFiles: Readonly<Record<string, string>> = {
  "package.json": '{ "type": "module" }\n',
  "src/greeting.js": 'console.log("hello");\n',
  "check-sum.js": `const { sum } = await import("./src/sum.js");
if (sum(2, 3) !== 5) {
  console.log("2 and 3 make", sum(2, 3), "and should make 5");
  process.exitCode = 1;
}
`,
};

/** The turns of each task, by its id: what the plan says and what the usage is compared with. */
export function stepsFor(root: string): Readonly<Record<string, readonly FakeStep[]>> {
  return {
    "write-notes": [
      { text: "I write.", ...write(root, "notes.md", "by claude\n"), usage: { input: 120, output: 30 } },
      { text: "Notes written.", usage: { input: 160, output: 8, cacheRead: 4000, cacheWrite: 300 } },
    ],
    "edit-greeting": [
      read(root, "src/greeting.js"),
      edit(root, "src/greeting.js", "hello", "hello, world"),
      { text: "Greeting edited." },
    ],
    "list-files": [bash("ls src > files.txt"), { text: "Files listed." }],
    "wrong-sum": [
      write(root, "src/sum.js", "export const sum = (a, b) => a - b;\n"),
      { text: "Sum written.", usage: { input: 700, output: 7 } },
    ],
    "right-sum": [edit(root, "src/sum.js", "a - b", "a + b"), { text: "Sum repaired." }],
    overloaded: [
      { error: 529, whileAttempt: 1, ...write(root, "patience.md", "at last\n") },
      { text: "Overloaded no more." },
    ],
    hung: [bash(`echo started > hung.txt; ${hangingShell}`), { text: "Never said." }],
    denied: [bash("node -e 0 > denied.txt"), { text: "I was not allowed to run it." }],
    part: [
      write(root, "part.md", "by the sub-agent\n"),
      { text: "Part done.", usage: { input: 11, output: 3 } },
    ],
    whole: [{ text: "Whole done." }],
    explain: [
      read(root, "notes.md"),
      write(root, "explained.md", "not allowed\n"),
      { text: "The notes are by claude." },
    ],
    review: [read(root, "src/sum.js"), { text: "sum.js adds." }],
    collect: [write(root, "all.md", "all\n"), { text: "Collected." }],
  };
}

/** Thirteen tasks. All but those that say otherwise are done by `general-purpose`. */
export function longPlanTasks(root: string): readonly ScriptedTask[] {
  const steps = stepsFor(root);
  const one = (id: string): readonly FakeStep[] => steps[id] ?? [];
  const delegate: FakeStep = {
    tool: "Agent",
    input: {
      description: "a part",
      prompt: `Do your part. ${script(one("part"))}`,
      subagent_type: "general-purpose",
      run_in_background: false,
    },
  };
  const scripts = {
    ...steps,
    "repair-sum": { attempts: [one("wrong-sum"), one("right-sum")] },
    delegate: [delegate, ...one("whole")],
  };
  const task = (id: string, type: ScriptedTask["type"], more: ScriptedTask["more"] = {}): ScriptedTask => {
    const script = id in scripts ? scripts[id as keyof typeof scripts] : undefined;
    return script === undefined ? { id, type, more } : { id, type, more, script };
  };
  const once = { max_attempts: 1 };
  return [
    task("hung", "test", { agent: "bash", priority: "high", timeout: "30s", retry: once }),
    task("write-notes", "implementation", { verify: ["grep -q claude notes.md"] }),
    task("edit-greeting", "implementation", { verify: ['test "$(node src/greeting.js)" = "hello, world"'] }),
    task("repair-sum", "implementation", { verify: ["test -s src/sum.js", "node check-sum.js"] }),
    task("overloaded", "implementation", { verify: ["test -s patience.md"] }),
    task("denied", "implementation"),
    task("delegate", "implementation", { verify: ["grep -q sub-agent part.md"] }),
    task("list-files", "test", { agent: "bash", verify: ["grep -q greeting files.txt"] }),
    task("count", "test", {
      ...{ agent: "shell", command: "wc -l < files.txt > count.txt" },
      ...{ verify: ["test -s count.txt"], depends_on: ["list-files"] },
    }),
    task("explain", "research", { agent: "explore", depends_on: ["write-notes"] }),
    task("review", "review", { agent: "explore", depends_on: ["repair-sum", "overloaded"] }),
    task("collect", "implementation", {
      verify: ["cat notes.md patience.md part.md count.txt all.md"],
      depends_on: ["explain", "review", "edit-greeting", "delegate", "count", "denied"],
    }),
    task("after-hung", "review", { depends_on: ["hung"] }),
  ];
}
