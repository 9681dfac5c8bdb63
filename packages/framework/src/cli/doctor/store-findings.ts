/** The store: whether it is sound, and what waits in it. */
import { isMaiError } from "mai-orchestration-core";
import { inspectSqliteStore } from "mai-orchestration-sqlite";
import type { Words } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { driverOf } from "../run/driver-of.ts";
import { findStore, openStore } from "../store/find-store.ts";
import { plural } from "../text/text.ts";
import { type Finding, good, note, wrong } from "./finding.ts";

/** @internal */
export async function storeFindings(words: Words, io: CommandIo): Promise<Finding[]> {
  const path = await pathOf(words, io);
  if (path === null) return [good("store", "none yet; the first run makes .mai/mai.db")];
  const problems = inspectSqliteStore(path);
  if (problems.length > 0) {
    return [
      wrong(
        "store",
        `${path} is damaged: ${problems.join("; ")}`,
        "Keep a copy. `mai state export` may still save its runs.",
      ),
    ];
  }
  return [good("store", `${path} is sound`), ...(await runFindings(path))];
}

async function pathOf(words: Words, io: CommandIo): Promise<string | null> {
  try {
    return await findStore(words, io);
  } catch (error) {
    if (isMaiError(error) && error.code === "store.not-found") return null;
    throw error;
  }
}

async function runFindings(path: string): Promise<Finding[]> {
  const store = await openStore(path, true);
  try {
    const open = (await store.runs()).filter((run) => run.finishedAt === null);
    const findings: Finding[] = [];
    for (const run of open) {
      const driver = await driverOf(store, run.runId);
      const resume = `Continue with: mai resume ${run.runId}   or end it: mai cancel ${run.runId}`;
      if (driver.state === "alive")
        findings.push(good("run", `${run.runId} is driven by process ${driver.pid}`));
      else if (driver.state === "dead")
        findings.push(
          note(
            "run",
            `the process that drove ${run.runId} died; ${plural(driver.held.length, "attempt")} of it were running`,
            resume,
          ),
        );
      else if (run.interruptedAt !== null) findings.push(note("run", `${run.runId} is interrupted`, resume));
      else findings.push(note("run", `${run.runId} is open, and none of its tasks runs`, resume));
    }
    return findings;
  } finally {
    await store.close();
  }
}
