/** The store: whether it is sound, and what waits in it. */
import { createCustody, findLeftovers } from "mai-orchestration-agents";
import { isMaiError } from "mai-orchestration-core";
import { markOf, type RunRecord, type Store } from "mai-orchestration-engine";
import { inspectSqliteStore } from "mai-orchestration-sqlite";
import { isPostgresUrl, withoutSecrets } from "../../store/shared-store.ts";
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
  const name = withoutSecrets(path);
  // A server looks after its files itself; whether it answers is seen by asking it.
  if (isPostgresUrl(path)) {
    const runs = await runFindings(path);
    return [good("store", `${name} answers`), ...runs];
  }
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

/** Processes of this store's runs whose engine is dead, and the guards that will end them. */
async function leftoverFindings(store: Store, runs: readonly RunRecord[]): Promise<Finding[]> {
  const { isDead } = createCustody({ guardAfterMs: null });
  const held = (await store.held()).filter(({ worker }) => !isDead(worker));
  const adopted = new Set(held.map(({ claim }) => markOf(claim)));
  const leftovers = findLeftovers().filter(({ mark }) => !adopted.has(mark));
  return runs.flatMap(({ runId }) => {
    const left = leftovers.filter(({ mark }) => mark.startsWith(`${runId}/`));
    const [first] = left;
    if (first === undefined) return [];
    const what = `of ${runId} outlived the process that drove it (${first.enginePid})`;
    const pids = left.map(({ pid }) => pid).join(", ");
    const soon = {
      waits: "its guard ends them unless somebody takes over",
      ends: "its guard is ending them",
      none: "no guard watches over them",
    }[first.guard ?? "none"];
    const remedy = `mai resume ${runId} takes the run over, mai cancel ${runId} ends it`;
    return [note("leftovers", `processes ${what}: ${pids}; ${soon}`, remedy)];
  });
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
    const runs = await store.runs();
    const open = runs.filter((run) => run.finishedAt === null);
    const findings: Finding[] = await leftoverFindings(store, runs);
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
