/**
 * Writes until it is killed, several calls at once, and says what was
 * acknowledged. Arguments: file, run.
 */
import { systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { requestOf, runOf, success, taskOf } from "./scene.ts";
import { say } from "./speak.ts";

const [path = "", runId = ""] = process.argv.slice(2);
const store = openSqliteStore({ path, clock: systemClock });

async function submit(number: number): Promise<void> {
  const dependsOn = number % 3 === 0 && number > 0 ? [`t${number - 1}`] : [];
  await store.submit(runOf(runId), [taskOf(`t${number}`, dependsOn.length > 0 ? { dependsOn } : {})]);
  say(`submitted t${number}`);
}

async function work(): Promise<void> {
  const { claims } = await store.claim(requestOf(runId, 2));
  for (const { taskId } of claims) say(`started ${taskId}`);
  for (const claim of claims) {
    const settled = await store.settle(claim, success);
    if (settled.ok) say(`ended ${claim.taskId}`);
  }
}

await submit(0);
for (let number = 1; ; number++) await Promise.all([submit(number), work()]);
