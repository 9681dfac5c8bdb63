/** The files that `mai init` writes. */

/** @internal */
export interface FirstTask {
  readonly id: string;
  readonly does: string;
  readonly command: string;
}

const example: FirstTask = { id: "look", does: "List what is here", command: "ls" };

/** @internal */
export function planText(name: string, tasks: readonly FirstTask[]): string {
  const list = tasks.length === 0 ? [example] : tasks;
  const checks = list.filter((task) => task.id === "typecheck" || task.id === "lint").map((task) => task.id);
  const entries = list.map((task) => taskText(task, task.id === "build" ? checks : []));
  return `# A plan: tasks, what they wait for, and how their success is recognised.
#   mai run plan.yaml --dry-run    shows what would happen
#   mai run plan.yaml              does it
version: 1
name: ${JSON.stringify(name)}
defaults:
  timeout: 10m
tasks:
${entries.join("\n")}
  # A task without a command is done by an agent, such as Claude Code (\`mai agents\` lists yours).
  # What \`verify\` says is run after it, and only then the result counts as verified.
  #
  # - id: explain
  #   type: research
  #   description: Explain in docs/overview.md how this project is built up
  #   success_criteria: docs/overview.md exists and names the main folders
  #   verify:
  #     - command: test -s docs/overview.md
`;
}

function taskText({ id, does, command }: FirstTask, after: readonly string[]): string {
  return `  - id: ${id}
    type: test
    description: ${does}
    success_criteria: ${JSON.stringify(`\`${command}\` exits with 0`)}
    command: ${command}
${after.length === 0 ? "" : `    depends_on: [${after.join(", ")}]\n`}`;
}

/** @internal */
export function configText(): string {
  return `# The agents of this project. Three are there without any configuration:
# general-purpose (every tool), bash (commands), explore (reads only).
# Those that name no backend use the first program that is installed and logged in of
# claude-code, codex, opencode, gemini, qwen; \`mai agents\` says which.
# An entry with one of their ids changes it; any other adds one.
agents:
  - id: bash
    max_concurrent: 4
  # - id: reviewer
  #   backend: claude-code
  #   capabilities: [review]
  #   max_concurrent: 2
  #   permissions: read-only
  #   allow: ["git diff *", "git log *"]
`;
}
