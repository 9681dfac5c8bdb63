/** The table of keys that `mai.config.yaml` may have. */
import type { Sandbox } from "mai-orchestration-agents";
import { agentProfiles, permissionModes, taskTypes } from "mai-orchestration-core";
import {
  anyText,
  documentSchema,
  environment,
  idText,
  type JsonSchema,
  listOf,
  type ObjectShape,
  optional,
  required,
  type Shape,
  words,
} from "mai-orchestration-core/plan";
import { backends } from "./agent-setting.ts";

const capabilities: Shape = { kind: "list", of: { kind: "choice", values: taskTypes }, least: 1 };

const later: Readonly<Record<string, string>> = Object.fromEntries(
  ["codex", "acp", "model"].map((name) => [name, `the backend \`${name}\` is not available in this version`]),
);

const agent: ObjectShape = {
  kind: "object",
  fields: [
    required("id", "agentId", idText, "Names the agent; the id of a default agent changes that one."),
    optional(
      "backend",
      "backend",
      {
        kind: "choice",
        values: backends,
        refused: { ...later, function: "function agents exist only in programs" },
      },
      "How the agent is reached. Needed for every agent that is no default.",
    ),
    optional(
      "capabilities",
      "capabilities",
      capabilities,
      "Types of tasks it does. Needed for every agent that is no default.",
    ),
    optional(
      "max_concurrent",
      "maxConcurrent",
      { kind: "integer", least: 1 },
      "Attempts it runs at once. Needed for every agent that is no default.",
    ),
    optional(
      "model",
      "model",
      words,
      "The model, by the backend's own name; the backend's choice when left out.",
    ),
    optional(
      "permissions",
      "permissions",
      { kind: "choice", values: permissionModes },
      "What it may do unasked; `read-only` for the profile `explore`, else `accept-edits`, when left out.",
    ),
    optional(
      "allow",
      "allow",
      listOf(words),
      "Shell commands it may run, such as `npm test` or `git diff *`.",
    ),
    optional("env", "env", environment, "Variables added to the environment of its attempts."),
    optional("executable", "executable", words, "The backend's program, when it is not the one on PATH."),
    optional(
      "sandbox",
      "sandbox",
      { kind: "choice", values: ["bwrap"] satisfies Sandbox[] },
      "`bwrap`: its attempts run behind a wall that no process of theirs outlives. Linux, with bubblewrap installed.",
    ),
    optional(
      "profile",
      "profile",
      { kind: "choice", values: agentProfiles },
      "The tools it has: all (`general-purpose`, when left out), its shell (`bash`), reading (`explore`).",
    ),
  ],
  elsewhere: { name: "Agents are named by `id`." },
};

/** A whole configuration. @internal */
export const configShape: ObjectShape = {
  kind: "object",
  fields: [
    optional("$schema", null, anyText, "The JSON Schema of this file, for editors."),
    optional("agents", "agents", listOf(agent), "Agents, over the three defaults."),
    optional(
      "store",
      "store",
      words,
      "The store's file, relative to this one; `.mai/mai.db` at the root when left out.",
    ),
    optional(
      "parallel",
      "parallel",
      { kind: "integer", least: 1 },
      "How many attempts may run at once when the plan does not say.",
    ),
    optional(
      "guard",
      "guard",
      { kind: "boolean" },
      "Whether a small process ends what a `mai` that was killed left running; `true` when left out. Linux only.",
    ),
    optional(
      "guard_after",
      "guardAfter",
      { kind: "duration" },
      "How long after such a death `mai resume` may still take over what runs; 1m when left out.",
    ),
    optional(
      "author",
      "author",
      {
        kind: "text",
        pattern: "^[^<>\\n\\u0000]*[^<>\\s\\u0000][^<>\\n\\u0000]* <[^<>\\s\\u0000]+>$",
        says: "a name and an address, `Name <mail@example.org>`",
      },
      "Who is named in commits on the branches of isolated tasks; `mai <mai@localhost>` when left out.",
    ),
  ],
  elsewhere: { tasks: "Tasks stand in a plan, not in the configuration." },
};

/** The JSON Schema (draft 2020-12) of `mai.config.yaml`. @public */
export const configSchema: JsonSchema = documentSchema(
  "mai configuration",
  "The agents of a project, and where its runs are kept.",
  configShape,
);
