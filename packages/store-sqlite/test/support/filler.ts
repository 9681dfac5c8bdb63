/**
 * Submits large tasks until the store fails, waits for room, and goes on.
 * Says what was acknowledged. Arguments: file, number of tasks at most.
 */
import { isMaiError, messageOf } from "mai-orchestration-core";
import { systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { runOf, taskOf } from "./scene.ts";
import { hangUp, hear, say } from "./speak.ts";

const [path = "", atMost = "0"] = process.argv.slice(2);
const store = openSqliteStore({ path, clock: systemClock });
const description = "x".repeat(50_000);
say("open");
let number = 0;
try {
  for (; number < Number(atMost); number++) {
    await store.submit(runOf("run-1"), [taskOf(`t${number}`, { description })]);
    say(`submitted t${number}`);
  }
  say("never failed");
} catch (error) {
  say(isMaiError(error) ? `${error.code}: ${error.message}` : `no MaiError: ${messageOf(error)}`);
}
say(`kept ${(await store.counts("run-1")).total}`);
await hear();
await store.submit(runOf("run-1"), [taskOf("afterwards", { description })]);
say("submitted afterwards");
await store.close();
hangUp();
