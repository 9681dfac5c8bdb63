/**
 * One run of isolated tasks in a process of its own, which kills itself at the
 * call of git whose number it is given: `node isolated-engine.ts ROOT before|after N [delivery]`,
 * counted from the first call of the delivery if so asked.
 * Goes on with a run that is there. Prints how many calls there were.
 */
import { join } from "node:path";
import { createGit, type Git } from "mai-orchestration-agents";
import { systemClock } from "mai-orchestration-engine";
import { agentsFrom } from "../../src/agents/agents-from.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { resumeRun, startRun } from "../../src/execution/execution.ts";
import { defaultStorePath, openStore } from "../../src/execution/state-folder.ts";
import { loadPlan } from "../../src/plan/load-plan.ts";

const [root = "", when = "", at = "0", from = ""] = process.argv.slice(2);
const deadly = Number(at);
const real = createGit();
let calls = 0;

const git: Git = async (args, options) => {
  if (from !== "" && calls === 0 && !options.mark.endsWith(`/${from}`)) return real.git(args, options);
  const isDeadly = ++calls === deadly;
  if (isDeadly && when === "before") die();
  const end = await real.git(args, options);
  if (isDeadly) die();
  return end;
};

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

const store = openStore(defaultStorePath(root), systemClock);
const agents = agentsFrom((await loadConfig(root)).agents);
const [open] = await store.runs();
const { plan } = await loadPlan(join(root, "plan.json"), async () => "", root);
const limits = { root, parallel: 1, failFast: false, timeoutMs: null };
const execution =
  open === undefined
    ? await startRun({ store, agents, name: null, tasks: plan.tasks, git, ...limits })
    : await resumeRun({ store, agents, runId: open.runId, git });
await execution.finished;
await store.close();
real.close();
process.stdout.write(`${calls}\n`);
