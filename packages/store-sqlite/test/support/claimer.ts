/** Claims and settles tasks of a run until none is left. Arguments: file, run, name of the worker. */
import { systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { readJournal, requestOf, success } from "./scene.ts";
import { hangUp, hear, say } from "./speak.ts";

const [path = "", runId = "", workerId = ""] = process.argv.slice(2);
const store = openSqliteStore({ path, clock: systemClock, durability: "normal" });
say("open");
await hear();
let alone = true;
for (;;) {
  const { claims } = await store.claim(requestOf(runId, 2, workerId));
  // The first attempt is held until the other process has one as well.
  while (alone) alone = (await workersSeen()).size < 2;
  await Promise.all(claims.map((claim) => store.settle(claim, success)));
  const { total, phases } = await store.counts(runId);
  if (phases.ended === total) break;
}
await store.close();
hangUp();

async function workersSeen(): Promise<ReadonlySet<string>> {
  const journal = await readJournal(store);
  return new Set(journal.flatMap((entry) => (entry.type === "attempt.started" ? [entry.workerId] : [])));
}
