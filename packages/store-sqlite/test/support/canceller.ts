/** Cancels a run. Arguments: file, run. */
import { systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { say } from "./speak.ts";

const [path = "", runId = ""] = process.argv.slice(2);
const store = openSqliteStore({ path, clock: systemClock });
const { asked, ended } = await store.cancel(runId, "no longer wanted");
say(`asked ${asked.length}, ended ${ended.length}`);
await store.close();
process.exit(0);
