/** The table of keys that a plan may have. Everything that knows the keys of a plan reads it here. */
import { councilStrategies } from "../council.ts";
import { deliveries } from "../delivery.ts";
import { approvalStages, isolations, taskPriorities, taskTypes } from "../task.ts";
import {
  environment,
  type Field,
  idText,
  listOf,
  type ObjectShape,
  optional,
  type Refused,
  required,
  type Shape,
  type TextShape,
  words,
} from "./shape.ts";

const duration: Shape = { kind: "duration" };

const folderInside: TextShape = {
  kind: "text",
  // A leading `~` would be taken for a folder of that name: nothing expands it.
  pattern: "^(?!/|~(/|$))(?=\\s*\\S)[^\\u0000]*$",
  says: "a folder relative to the root of the run",
  refuse: refuseOutside,
};

const check: ObjectShape = {
  kind: "object",
  shorthand: "command",
  fields: [
    required("command", "command", words, "Run by `sh -c` in the task's directory; exit code 0 passes."),
    optional("timeout", "timeout", duration, "How long the check may take; 10m when left out."),
    optional(
      "baseline",
      "baseline",
      { kind: "boolean" },
      "Whether a failure is looked for on the base as well, where it does not fail the task; `false` when left out.",
    ),
  ],
};

const retry: ObjectShape = {
  kind: "object",
  fields: [
    optional(
      "max_attempts",
      "maxAttempts",
      { kind: "integer", least: 1 },
      "Attempts that may end in failure, timeout or a failed check; 1 for commands, 2 for agents with a model when left out.",
    ),
    optional(
      "max_lost",
      "maxLost",
      { kind: "integer", least: 0 },
      "Attempts that may die with their engine before one last try alone; 3 when left out.",
    ),
    optional(
      "backoff",
      "backoff",
      duration,
      "Wait before the second attempt, doubling with each further one; 1s when left out.",
    ),
  ],
};

const seat: ObjectShape = {
  kind: "object",
  shorthand: "role",
  fields: [
    required("role", "role", words, "What the seat speaks for, such as `SecurityEngineer`."),
    optional("name", "name", words, "What it is called; the role when left out."),
    optional("expertise", "expertise", listOf(words), "What it knows; action items go to who knows them."),
    optional("personality", "personality", listOf(words), "How it argues."),
    optional("veto_power", "vetoPower", { kind: "boolean" }, "Whether its block alone holds the work."),
    optional("veto_criteria", "vetoCriteria", listOf(words), "What it blocks for."),
    optional("brief", "brief", words, "What its agent is told beside the other keys."),
    optional("agent", "agent", words, "The id of the only agent that may speak for it."),
  ],
};

const council: ObjectShape = {
  kind: "object",
  fields: [
    optional(
      "roster",
      "roster",
      { kind: "list", of: seat, least: 1 },
      "Who sits in it, each a role or more; three roles of a product team when left out.",
    ),
    optional(
      "rounds",
      "rounds",
      { kind: "integer", least: 1 },
      "How often the panel speaks at most; 3 when left out.",
    ),
    optional(
      "strategy",
      "strategy",
      { kind: "choice", values: councilStrategies },
      "How perspectives become a decision; `consensus` when left out.",
    ),
    optional(
      "execute",
      "execute",
      { kind: "boolean" },
      "Whether its action items are done in this run and reviewed by the panel; `false` when left out.",
    ),
    optional(
      "retries",
      "retries",
      { kind: "integer", least: 0 },
      "How often a task that the panel blocks is done again at most; 1 when left out.",
    ),
  ],
};

/** Keys that every task has of its own. */
const ownFields: readonly Field[] = [
  required("id", "taskId", idText, "Names the task in every event and command; unique in the plan."),
  required(
    "type",
    "type",
    { kind: "choice", values: taskTypes },
    "What kind of work it is; agents say which they do.",
  ),
  required("description", "description", words, "What is wanted, for the one who does it."),
  required("success_criteria", "successCriteria", words, "How success is recognised."),
  optional("depends_on", "dependsOn", listOf(idText), "Ids of tasks that must succeed first."),
  optional("decision", "decision", words, "The id of the decision that this task carries out."),
  optional("council", "council", council, "A panel of agents decides what `description` asks."),
];

/** Keys that may also stand under `defaults`. */
const sharedFields: readonly Field[] = [
  optional(
    "context",
    "context",
    listOf(words),
    "What the agent should know or look at, handed over as written.",
  ),
  optional("constraints", "constraints", listOf(words), "What the agent must keep to."),
  optional("priority", "priority", { kind: "choice", values: taskPriorities }, "`normal` when left out."),
  optional(
    "timeout",
    "timeout",
    duration,
    "How long one attempt may take, its checks not counted; no limit when left out.",
  ),
  optional(
    "command",
    "command",
    words,
    "A shell command that does the task, in place of an agent with a model.",
  ),
  optional(
    "verify",
    "verify",
    listOf(check),
    "Checks that are run on what the agent left; each a command, or a command with a timeout.",
  ),
  optional("agent", "agent", words, "The id of the only agent that may do it."),
  optional("retry", "retry", retry, "How often, and how soon, it is tried again."),
  optional(
    "idle_timeout",
    "idleTimeout",
    duration,
    "How long an attempt may stay silent; no limit when left out.",
  ),
  optional(
    "estimate",
    "estimate",
    duration,
    "How long it will probably take. Steers the order and nothing else.",
  ),
  optional("env", "env", environment, "Variables added to the environment of the attempt and its checks."),
  optional(
    "cwd",
    "cwd",
    folderInside,
    "Where it works, relative to the root of the run; the root when left out.",
  ),
  optional("locks", "locks", listOf(words), "Tasks that name the same lock never run at the same time."),
  optional("requires", "requires", listOf(words), "Tags that a worker's machine must have, such as `gpu`."),
  optional(
    "output_schema",
    "outputSchema",
    { kind: "schema" },
    "JSON Schema of what the answer must hold; one that does not fit fails the attempt.",
  ),
  optional(
    "isolation",
    "isolation",
    { kind: "choice", values: isolations },
    "`worktree`: it works on a branch of its own, in a work tree (outside git: a copy); `none` when left out.",
  ),
  optional(
    "base",
    "base",
    words,
    "The git revision an isolated task starts from, as it is when the run starts; HEAD when left out.",
  ),
  optional("setup", "setup", listOf(words), "Shell commands that make a fresh work tree ready."),
  optional(
    "link",
    "link",
    listOf(folderInside),
    "Folders that git ignores, such as node_modules, whose entries are linked into the work tree.",
  ),
  optional(
    "approval",
    "approval",
    { kind: "choice", values: approvalStages },
    "Whether a person is asked `before` it starts, or `after` its checks have passed; nobody when left out.",
  ),
  optional(
    "allow_test_changes",
    "allowTestChanges",
    { kind: "boolean" },
    "Whether tests, checks and CI may be changed without a doubt about the result; `false` when left out.",
  ),
  optional(
    "deliver",
    "deliver",
    { kind: "choice", values: deliveries },
    "What is done with verified work at the end: `merge` into `target`, a `pull-request`, a `patch`; `branch` when left out.",
  ),
  optional(
    "target",
    "target",
    words,
    "The branch that verified work is delivered to; the one checked out when the run starts when left out.",
  ),
];

const task: ObjectShape = { kind: "object", fields: [...ownFields, ...sharedFields] };

const defaults: ObjectShape = {
  kind: "object",
  fields: sharedFields,
  elsewhere: Object.fromEntries(
    ownFields.map(({ key }) => [key, `\`${key}\` cannot be a default: give it to each task.`]),
  ),
};

/** A whole plan. @internal */
export const planShape: ObjectShape = {
  kind: "object",
  fields: [
    optional("$schema", null, words, "The JSON Schema of this file, for editors."),
    required("version", "version", { kind: "constant", value: 1 }, "The version of the plan format: 1."),
    optional("name", "name", words, "What people call the plan."),
    optional(
      "parallel",
      "parallel",
      { kind: "integer", least: 1 },
      "How many attempts may run at once; the sum of the agents' caps when left out.",
    ),
    optional(
      "fail_fast",
      "failFast",
      { kind: "boolean" },
      "Whether the first failed task ends the run; `false` when left out.",
    ),
    optional("timeout", "timeoutMs", duration, "How long the whole run may take; no limit when left out."),
    optional(
      "max_cost",
      "maxCostUsd",
      { kind: "dollars" },
      "US dollars the run may cost: no attempt starts that could pass it; no limit when left out.",
    ),
    optional("defaults", "defaults", defaults, "What every task has that does not say otherwise."),
    required("tasks", "tasks", { kind: "list", of: task, least: 1 }, "The tasks, in any order."),
  ],
  elsewhere: { agents: "Agents stand in mai.config.yaml, beside the plan or above it." },
};

function refuseOutside(folder: string): Refused | undefined {
  let depth = 0;
  for (const part of folder.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) {
      return { message: "leads out of the root of the run", hint: "Name a folder inside the root." };
    }
  }
  return undefined;
}
