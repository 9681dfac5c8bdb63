/** Opens a file, submits a task to a run of its own, and says what came of it. Arguments: file, run. */
import { isMaiError } from "mai-orchestration-core";
import { systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { runOf, taskOf } from "./scene.ts";
import { hangUp, hear, say } from "./speak.ts";

const [path = "", runId = ""] = process.argv.slice(2);
say("here");
await hear();
try {
  const store = openSqliteStore({ path, clock: systemClock });
  await store.submit(runOf(runId), [taskOf("a")]);
  await store.close();
  say("done");
} catch (error) {
  say(isMaiError(error) ? `${error.code}: ${error.message}` : `no MaiError: ${String(error)}`);
}
hangUp();
