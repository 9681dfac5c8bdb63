/** What every event must hold, as a table: journals that come from outside are checked against it. */
import {
  approvalStages,
  councilStrategies,
  deliveries,
  isolations,
  type MaiEvent,
  taskPriorities,
  taskTypes,
} from "mai-orchestration-core";

/** `?` at the end: may also be null, or absent. */
type Kind =
  | "text"
  | "text?"
  | "number"
  | "number?"
  | "boolean"
  | "texts"
  | "texts?"
  | Shape
  | readonly ["?", Shape]
  | readonly ["list", Shape]
  | readonly ["choice", readonly string[]];

interface Shape {
  readonly [name: string]: Kind;
}

const usage: Shape = {
  inputTokens: "number?",
  outputTokens: "number?",
  cacheReadTokens: "number?",
  cacheWriteTokens: "number?",
  costUsd: "number?",
};

const answer: Shape = {
  output: "text",
  outputFile: "text?",
  artifacts: "texts",
  issues: "texts",
  sessionId: "text?",
  usage,
  durationMs: "number",
  sharedWorkspace: "boolean",
};

const receipt: Shape = {
  command: "text",
  passed: "boolean",
  exitCode: "number?",
  outputDigest: "text",
  outputTail: "text",
  at: "number",
  durationMs: "number",
  tree: "text?",
  treeChanged: "boolean",
  environment: "text?",
};

const work: Shape = {
  branch: "text?",
  salvage: "text?",
  commit: "text",
  tree: "text",
  base: "text",
  files: "number",
  insertions: "number",
  deletions: "number",
  folder: "text?",
  doubts: "texts",
};

const council: Shape = {
  roster: [
    "list",
    {
      role: "text",
      name: "text?",
      brief: "text?",
      agent: "text?",
      expertise: "texts?",
      personality: "texts?",
      vetoCriteria: "texts?",
    },
  ],
  rounds: "number?",
  strategy: ["choice", [...councilStrategies, ""]],
  conflictThreshold: "number?",
  retries: "number?",
};

const task: Shape = {
  taskId: "text",
  type: ["choice", taskTypes],
  description: "text",
  context: "texts",
  constraints: "texts",
  successCriteria: "text",
  priority: ["choice", [...taskPriorities, ""]],
  timeout: "number?",
  dependsOn: "texts?",
  command: "text?",
  verify: ["list", { command: "text", timeout: "number?" }],
  agent: "text?",
  idleTimeout: "number?",
  estimate: "number?",
  cwd: "text?",
  locks: "texts?",
  requires: "texts?",
  outputSchema: ["?", {}],
  isolation: ["choice", [...isolations, ""]],
  base: "text?",
  setup: "texts?",
  link: "texts?",
  approval: ["choice", [...approvalStages, ""]],
  deliver: ["choice", [...deliveries, ""]],
  target: "text?",
  decision: "text?",
  council: ["?", council],
};

const kinds = ["task", "check", "timeout", "transient", "permanent", "refused", "quota", "login"];
const verdicts = ["verified", "unverified", "failed", "blocked", "cancelled"];
const attempt = "number";
const reason = "text";
const approval: Shape = { attempt, by: "text", via: "text", note: "text?" };

const shapes: Readonly<Record<MaiEvent["type"], Shape>> = {
  "run.created": {
    name: "text?",
    root: "text",
    parallel: "number?",
    failFast: "boolean",
    timeoutMs: "number?",
    sharedChecks: "boolean",
    maxCostUsd: "number?",
  },
  "run.resumed": {
    reused: "number",
    open: "number",
    answered: "texts?",
    alive: "texts?",
    dead: "texts?",
    maxCostUsd: "number?",
  },
  "run.interrupted": { reason, resume: "text" },
  "run.finished": {
    verdict: ["choice", verdicts],
    results: [
      "list",
      { taskId: "text", status: "text", verdict: ["choice", verdicts], attempts: "number", reason: "text?" },
    ],
  },
  "delivery.started": { target: "text", commit: "text", tasks: "texts" },
  "delivery.merged": {
    target: "text",
    commit: "text",
    tree: "text",
    tasks: "texts",
    receipts: ["list", receipt],
  },
  "delivery.failed": { target: "text?", task: "text", reason, receipts: ["list", receipt] },
  "delivery.conflicted": {
    target: "text",
    task: "text",
    commit: "text",
    files: "texts",
    resolver: "text?",
  },
  "delivery.offered": { task: "text", as: ["choice", ["patch", "pull-request"]], place: "text" },
  "delivery.finished": { target: "text", commit: "text", branch: "text?", reason: "text?" },
  "task.queued": { task, behindMs: "number" },
  "task.ready": { serveDay: "number" },
  "attempt.started": { attempt, agentId: "text", workerId: "text", maxAttempts: "number" },
  "attempt.adopted": { attempt, agentId: "text", workerId: "text", counted: "boolean" },
  "attempt.progressed": { attempt, progress: "number?", message: "text?", sessionId: "text?" },
  "attempt.answered": { attempt, answer },
  "check.passed": { attempt, receipt },
  "check.failed": { attempt, receipt },
  "approval.requested": { attempt },
  "approval.given": approval,
  "approval.refused": approval,
  "attempt.kept": { attempt, work },
  "attempt.failed": {
    attempt,
    reason,
    kind: ["choice", kinds],
    counted: "boolean",
    answer: ["?", answer],
    feedback: "text?",
  },
  "attempt.lost": { attempt, reason, counted: "boolean", answer: ["?", answer] },
  "attempt.refused": { attempt, reason },
  "task.retried": { attempt, notBefore: "number", wait: ["choice", ["retry", "quota"]] },
  "task.succeeded": { attempt, verdict: ["choice", verdicts.slice(0, 2)], reason: "text?" },
  "task.failed": { attempt, reason },
  "task.blocked": { reason },
  "task.cancel-requested": { reason },
  "task.cancelled": { attempt, reason },
  "task.reopened": { reason },
};

/** What is wrong with an event from outside; `null` when nothing is. @internal */
export function eventProblem(event: Readonly<Record<string, unknown>>): string | null {
  const { type } = event;
  const shape =
    typeof type === "string" && Object.hasOwn(shapes, type) ? shapes[type as MaiEvent["type"]] : undefined;
  if (shape === undefined) return `has the unknown type ${JSON.stringify(type)}`;
  const isAboutRun = /^(?:run|delivery)\./.test(String(type));
  if (isAboutRun === (typeof event["taskId"] === "string"))
    return isAboutRun ? "has a `taskId`" : "has no `taskId`";
  return problemIn(shape, event, "");
}

function problemIn(shape: Shape, value: Readonly<Record<string, unknown>>, path: string): string | null {
  for (const [name, kind] of Object.entries(shape)) {
    const problem = problemOf(kind, value[name], path === "" ? name : `${path}.${name}`);
    if (problem !== null) return problem;
  }
  return null;
}

function problemOf(kind: Kind, value: unknown, path: string): string | null {
  const missing = value === undefined || value === null;
  if (typeof kind === "string") {
    if (kind.endsWith("?") && missing) return null;
    return isOf(kind, value) ? null : `\`${path}\` is no ${kind.replace("?", "")}`;
  }
  if (!isList(kind)) return isRecord(value) ? problemIn(kind, value, path) : `\`${path}\` is no object`;
  if (kind[0] === "choice") return choiceProblem(kind[1], missing ? "" : value, path);
  if (missing) return null;
  if (kind[0] === "?") return isRecord(value) ? problemIn(kind[1], value, path) : `\`${path}\` is no object`;
  if (!Array.isArray(value)) return `\`${path}\` is no list`;
  for (const [i, item] of value.entries()) {
    const problem = problemOf(kind[1], item, `${path}[${i}]`);
    if (problem !== null) return problem;
  }
  return null;
}

function choiceProblem(choices: readonly string[], value: unknown, path: string): string | null {
  return typeof value === "string" && choices.includes(value)
    ? null
    : `\`${path}\` is none of ${choices.filter(Boolean).join(", ")}`;
}

function isOf(kind: string, value: unknown): boolean {
  switch (kind.replace("?", "")) {
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    default:
      return Array.isArray(value) && value.every((item) => typeof item === "string");
  }
}

function isList<T extends readonly unknown[]>(kind: Shape | T): kind is T {
  return Array.isArray(kind);
}

/** @internal */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
