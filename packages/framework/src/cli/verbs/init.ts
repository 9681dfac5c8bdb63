/** `mai init`: writes a first plan and configuration for this folder. */
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { MaiError, messageOf } from "mai-orchestration-core";
import { exitCode, type Flag, jsonFlag, type Verb } from "../command.ts";
import { configText, type FirstTask, planText } from "../init/first-files.ts";

const forceFlag: Flag = { name: "force", summary: "overwrite files that are there" };

/** @internal */
export const verb: Verb = {
  usage: "init",
  args: [0, 0],
  flags: [forceFlag, jsonFlag],
  details: "Looks for the scripts typecheck, lint, test and build in package.json, and makes tasks of them.",
  examples: [["mai init", "then look into plan.yaml, and `mai run plan.yaml`"]],
  async run(words, io) {
    const tasks = firstTasks(io.cwd);
    const files = [
      { path: join(io.cwd, "plan.yaml"), text: planText(basename(io.cwd) || "project", tasks) },
      { path: join(io.cwd, "mai.config.yaml"), text: configText() },
    ];
    const isForced = words.has("force");
    const taken = files.filter((file) => existsSync(file.path)).map((file) => basename(file.path));
    if (taken.length > 0 && !isForced) {
      throw new MaiError(
        "cli.usage",
        `${taken.join(" and ")} ${taken.length === 1 ? "is" : "are"} there already`,
        {
          hint: "`mai init --force` overwrites.",
        },
      );
    }
    for (const { path, text } of files) await write(path, text, isForced);
    const names = files.map((file) => basename(file.path));
    io.stdout.write(
      words.has("json")
        ? `${JSON.stringify({ files: names, tasks: tasks.map((task) => task.id) })}\n`
        : textOf(names, tasks),
    );
    return exitCode.succeeded;
  },
};

async function write(path: string, text: string, isForced: boolean): Promise<void> {
  try {
    await writeFile(path, text, { flag: isForced ? "w" : "wx" });
  } catch (error) {
    throw new MaiError("cli.usage", `${path} cannot be written: ${messageOf(error)}`, {
      hint: "Check the folder and its permissions, or run `mai init` elsewhere.",
      cause: error,
    });
  }
}

const scripts = [
  { id: "typecheck", names: ["typecheck", "type-check", "tsc"], does: "Type-check the project" },
  { id: "lint", names: ["lint"], does: "Lint the project" },
  { id: "test", names: ["test"], does: "Run the tests" },
  { id: "build", names: ["build"], does: "Build the project" },
];

function firstTasks(folder: string): FirstTask[] {
  const known = scriptsIn(folder);
  const runner = runnerIn(folder);
  return scripts.flatMap(({ id, names, does }) => {
    const name = names.find((one) => known.has(one));
    return name === undefined ? [] : [{ id, does, command: `${runner} run ${name}` }];
  });
}

function scriptsIn(folder: string): ReadonlySet<string> {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return new Set();
  try {
    const { scripts: written } = JSON.parse(readFileSync(file, "utf8")) as {
      scripts?: Record<string, unknown>;
    };
    // What `npm init` writes is a script that always fails.
    return new Set(
      Object.entries(written ?? {})
        .filter(([, text]) => !String(text).includes("no test specified"))
        .map(([name]) => name),
    );
  } catch (error) {
    throw new MaiError("cli.usage", `${file} is not JSON`, {
      hint: "Mend it, or run `mai init` elsewhere.",
      cause: error,
    });
  }
}

function runnerIn(folder: string): string {
  const has = (name: string): boolean => existsSync(join(folder, name));
  if (has("pnpm-lock.yaml")) return "pnpm";
  if (has("yarn.lock")) return "yarn";
  return has("bun.lock") || has("bun.lockb") ? "bun" : "npm";
}

function textOf(files: readonly string[], tasks: readonly FirstTask[]): string {
  const found =
    tasks.length === 0 ? "an example task" : `tasks for: ${tasks.map((task) => task.id).join(", ")}`;
  return `Wrote ${files.join(" and ")} with ${found}.
Next: mai run plan.yaml --dry-run   then: mai run plan.yaml
`;
}
