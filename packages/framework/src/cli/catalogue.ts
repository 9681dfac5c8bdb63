/** Every verb, without its code: that is loaded when it is asked for. */
import type { Verb } from "./command.ts";

/** @internal */
export interface VerbEntry {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  load(): Promise<Verb>;
}

function entry(
  group: string,
  name: string,
  summary: string,
  load: () => Promise<{ readonly verb: Verb }>,
): VerbEntry {
  return { group, name, summary, load: async () => (await load()).verb };
}

const work = "Work";
const look = "Look";
const here = "Here";
const keep = "Keep";

/** In the order of help. @internal */
export const catalogue: readonly VerbEntry[] = [
  entry(work, "init", "write a first plan and config for this folder", () => import("./verbs/init.ts")),
  entry(work, "validate", "check a plan without running it", () => import("./verbs/validate.ts")),
  entry(work, "run", "run a plan", () => import("./verbs/run.ts")),
  entry(
    work,
    "council",
    "have a panel of agents decide, and its decision carried out",
    () => import("./verbs/council.ts"),
  ),
  entry(work, "import", "make a plan of a decision of a council", () => import("./verbs/import.ts")),
  entry(work, "resume", "continue a run that was interrupted", () => import("./verbs/resume.ts")),
  entry(work, "retry", "try again what did not succeed", () => import("./verbs/retry.ts")),
  entry(work, "attach", "watch a run that another process drives", () => import("./verbs/attach.ts")),
  entry(work, "cancel", "cancel a run or a task", () => import("./verbs/cancel.ts")),
  entry(work, "approve", "say yes to a task that waits for a person", () => import("./verbs/approve.ts")),
  entry(work, "reject", "say no to a task that waits for a person", () => import("./verbs/reject.ts")),
  entry(work, "worker", "lend this machine's agents to a shared store", () => import("./verbs/worker.ts")),
  entry(look, "ps", "list runs", () => import("./verbs/ps.ts")),
  entry(look, "workers", "list who works for a shared store", () => import("./verbs/workers.ts")),
  entry(look, "status", "show where every task of a run stands", () => import("./verbs/status.ts")),
  entry(look, "logs", "show what an attempt printed", () => import("./verbs/logs.ts")),
  entry(look, "events", "show the journal of a run", () => import("./verbs/events.ts")),
  entry(look, "why", "say why a task is where it is", () => import("./verbs/why.ts")),
  entry(look, "cost", "show what a run has used", () => import("./verbs/cost.ts")),
  entry(look, "report", "write down what happened, as Markdown", () => import("./verbs/report.ts")),
  entry(look, "brief", "say what a session must know of the work here", () => import("./verbs/brief.ts")),
  entry(look, "verify", "repeat the checks of a run in clean checkouts", () => import("./verbs/verify.ts")),
  entry(here, "agents", "list who can work, or say how many at once", () => import("./verbs/agents.ts")),
  entry(here, "doctor", "find what is wrong here", () => import("./verbs/doctor.ts")),
  entry(here, "hook", "answer a hook of Claude Code", () => import("./verbs/hook.ts")),
  entry(here, "mcp", "serve this project to an agent over MCP", () => import("./verbs/mcp.ts")),
  entry(keep, "state", "export or import a run as JSON", () => import("./verbs/state.ts")),
  entry(keep, "audit", "compare the journal with the tasks", () => import("./verbs/audit.ts")),
  entry(keep, "salvage", "find and restore work that did not count", () => import("./verbs/salvage.ts")),
  entry(keep, "prune", "remove old runs", () => import("./verbs/prune.ts")),
];
