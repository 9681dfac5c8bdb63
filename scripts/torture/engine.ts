/**
 * An engine that is killed at a point: starts a run, or goes on with one, exactly as `mai` does, with a store and agents
 * that end the process. Arguments: folder, the run or `-` for a new one, the point as JSON or `null`.
 */
import { join } from "node:path";
import { systemClock } from "mai-orchestration-engine";
import { agentsFrom, loadConfig, loadPlan, resumeRun, startRun } from "mai-orchestration-framework";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { Executioner, type KillPoint, killingAgent, killingStore } from "./kill-point.ts";

const [folder = "", runName = "-", pointText = "null"] = process.argv.slice(2);
const executioner = new Executioner(JSON.parse(pointText) as KillPoint | null);
const store = killingStore(
  openSqliteStore({ path: join(folder, ".mai", "mai.db"), clock: systemClock }),
  executioner,
);
const config = await loadConfig(folder, folder);
const agents = agentsFrom(config.agents).map((agent) => killingAgent(agent, executioner));
const execution = runName === "-" ? await start() : await resumeRun({ store, agents, runId: runName });
await execution.finished;
await store.close();

async function start(): ReturnType<typeof startRun> {
  const { plan } = await loadPlan(join(folder, "plan.json"), async () => "", folder);
  const { name, tasks } = plan;
  const execution = await startRun({
    ...{ store, agents, name, tasks, root: folder, parallel: plan.parallel },
    ...{ failFast: plan.failFast, timeoutMs: plan.timeoutMs },
  });
  // What is printed is acknowledged: it must be there whatever happens from now on.
  console.log(execution.runId);
  return execution;
}
