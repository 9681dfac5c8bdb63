/** The table of keys that `mai.config.yaml` may have. */
import { acpAgentNames, type Sandbox } from "mai-orchestration-agents";
import { agentProfiles, permissionModes, taskTypes } from "mai-orchestration-core";
import {
  anyText,
  documentSchema,
  environment,
  type Field,
  idText,
  type JsonSchema,
  listOf,
  type ObjectShape,
  optional,
  required,
  type Shape,
  type TextShape,
  words,
} from "mai-orchestration-core/plan";
import {
  type AgentBackend,
  type BackendKey,
  backendNames,
  keysOf,
  keysOfAny,
  optionOfKey,
  remedyOf,
} from "./backends.ts";

const capabilities: Shape = { kind: "list", of: { kind: "choice", values: taskTypes }, least: 0 };

const settingName: TextShape = {
  kind: "text",
  pattern: "^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$",
  says: "names joined by dots",
};

const acpAgents: Shape = { kind: "choice", values: acpAgentNames };

/** What belongs to backends; the table of backends says to which. */
const backendFields: readonly Field[] = [
  ofBackend("model", words, "The model, by the backend's own name; the backend's choice when left out."),
  ofBackend("fallback_model", words, "The model it goes on with while the first is overloaded."),
  ofBackend(
    "profile",
    { kind: "choice", values: agentProfiles },
    "The tools it has: all (`general-purpose`, when left out), its shell (`bash`), reading (`explore`).",
  ),
  ofBackend(
    "permissions",
    { kind: "choice", values: permissionModes },
    "What it may do unasked; `read-only` for the profile `explore`, else `accept-edits`, when left out.",
  ),
  ofBackend("allow", listOf(words), "Shell commands it may run, such as `npm test` or `git diff *`."),
  ofBackend("deny", listOf(words), "Shell commands it never runs, whatever else is allowed."),
  ofBackend(
    "tools",
    { kind: "list", of: words, least: 1 },
    "The only tools it has, by the backend's names; those of the profile when left out.",
  ),
  ofBackend("executable", words, "The backend's program, when it is not the one on PATH."),
  ofBackend(
    "patience",
    { kind: "duration" },
    "How long its program may wait for its model without a word; 10m when left out.",
  ),
  ofBackend("max_turns", { kind: "integer", least: 1 }, "Turns of the model after which an attempt fails."),
  ofBackend("max_budget", { kind: "amount" }, "US dollars after which an attempt fails."),
  ofBackend("append_system_prompt", words, "Put behind the backend's own system prompt."),
  ofBackend("fork_session", words, "Id of a session that every task begins from, each in a copy of its own."),
  ofBackend(
    "config",
    { kind: "map", keys: settingName, of: { kind: "scalar" } },
    "Settings of the program for this agent, dotted: `model_reasoning_effort: high`.",
  ),
  ofBackend("agent", acpAgents, "The ACP agent, known by name. This or `command`."),
  ofBackend("command", { kind: "list", of: words, least: 1 }, "Any other ACP agent: program and arguments."),
  ofBackend("start_timeout", { kind: "duration" }, "For each step up to an open session; 1m when left out."),
  ofBackend("base_url", words, "Where the provider's service is reached; the provider's own when left out."),
  ofBackend(
    "api_key_variable",
    words,
    "The variable that holds the key; the one that the provider's package reads when left out.",
  ),
];

function ofBackend(key: BackendKey, shape: Shape, doc: string): Field {
  return optional(key, optionOfKey[key], shape, doc);
}

const agent: ObjectShape = {
  kind: "object",
  fields: [
    required("id", "agentId", idText, "Names the agent; the id of a default agent changes that one."),
    optional(
      "backend",
      "backend",
      {
        kind: "choice",
        values: backendNames,
        refused: { function: "function agents exist only in programs: `mai.config.ts`, or the library" },
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
    optional("env", "env", environment, "Variables added to the environment of its attempts."),
    optional(
      "sandbox",
      "sandbox",
      { kind: "choice", values: ["bwrap"] satisfies Sandbox[] },
      "`bwrap`: its attempts run behind a wall that no process of theirs outlives. Linux, with bubblewrap installed.",
    ),
    optional(
      "fallback",
      "fallback",
      { kind: "list", of: idText, least: 1 },
      "Agents that stand in for it while it has no quota, no login or no service, in this order.",
    ),
    ...backendFields,
  ],
  variants: {
    by: "backend",
    takes: Object.fromEntries(backendNames.map((name) => [name, keysOf(name)])),
    otherwise: keysOfAny,
    remedy: (backend, key) => remedyOf(backend as AgentBackend | null, key as BackendKey),
  },
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
