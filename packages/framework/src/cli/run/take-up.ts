/** What it means to be asked to go on with a run: to do so here or in the background, to watch, or to say that it has ended. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { safeFileName } from "../../execution/safe-file-name.ts";
import { logFolder } from "../../execution/workplace.ts";
import { isPostgresUrl } from "../../store/shared-store.ts";
import { exitCode, type Words } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { exitCodeOfResults, provenExit } from "../run-exit.ts";
import { finalResults } from "../store/final-results.ts";
import { storeWords } from "../store/store-words.ts";
import { stateOf } from "../verbs/ps.ts";
import { maxCostOf } from "./run-options.ts";
import { sharesOf, tagsOf } from "./shares.ts";
import { tellStarter } from "./tell-starter.ts";

/** Resolves the exit code. @internal */
export async function takeUp(
  store: Store,
  path: string,
  run: RunRecord,
  words: Words,
  io: CommandIo,
): Promise<number> {
  const isDetached = words.has("detach");
  const maxCostUsd = maxCostOf(words, "resume");
  if (run.finishedAt !== null) {
    // It may have ended since this process was started in the background; its starter still waits for the id.
    tellStarter(run.runId, io);
    return isDetached ? sayGoing(run, words, io) : sayEnded(store, run, words, io);
  }
  if (isDetached) {
    const { driverOf } = await import("./driver-of.ts");
    if ((await driverOf(store, run.runId)).state === "alive") return sayGoing(run, words, io);
    const { detach } = await import("./detach.ts");
    const flags = ["no-wait", "require-verified", "json"]
      .filter((name) => words.has(name))
      .map((name) => `--${name}`);
    for (const name of ["agents", "tags"]) {
      const value = words.value(name);
      if (value !== undefined) flags.push(`--${name}`, value);
    }
    // A URL may hold a password, and is found again where it was found here.
    const named = isPostgresUrl(path) ? words.value("store") : path;
    if (maxCostUsd !== null) flags.push("--max-cost", String(maxCostUsd));
    const args = ["resume", run.runId, ...(named === undefined ? [] : ["--store", named]), ...flags];
    return detach({ args, root: run.root, storePath: path, stdin: null }, words, io);
  }
  const inStore = await storeWords(path, io);
  const { goOn } = await import("./resume-run.ts");
  const ceiling = maxCostUsd === null ? {} : { maxCostUsd };
  const asked = { json: words.has("json"), noWait: words.has("no-wait"), tags: tagsOf(words) };
  const code = await goOn(store, run, io, {
    ...asked,
    shares: sharesOf(words, "resume"),
    inStore,
    ...ceiling,
  });
  return provenExit(code, words.has("require-verified"), store, run.runId);
}

/** In the background nothing is left to start: it goes on already, or has ended. */
function sayGoing(run: RunRecord, words: Words, io: CommandIo): number {
  const log = join(logFolder(run.root), safeFileName(run.runId), "engine.log");
  const known = { runId: run.runId, log: existsSync(log) ? log : null };
  io.stdout.write(words.has("json") ? `${JSON.stringify(known)}\n` : `${run.runId}\n`);
  return exitCode.succeeded;
}

async function sayEnded(store: Store, run: RunRecord, words: Words, io: CommandIo): Promise<number> {
  const found = exitCodeOfResults(await finalResults(store, run));
  const code = await provenExit(found, words.has("require-verified"), store, run.runId);
  const state = stateOf(run);
  if (words.has("json")) io.stdout.write(`${JSON.stringify({ runId: run.runId, state, exitCode: code })}\n`);
  else io.stdout.write(`Nothing to resume: ${run.runId} has ended (${state}). \`mai status\` shows it.\n`);
  return code;
}
