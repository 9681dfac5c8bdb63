/** `mai state`: a run as JSON, and back. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type JournalEntry, MaiError, messageOf, resultOf } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { findRoot } from "../../config/find-root.ts";
import { defaultStorePath } from "../../execution/state-folder.ts";
import { openPlace } from "../../store/open-place.ts";
import { withoutSecrets } from "../../store/shared-store.ts";
import { exitCode, jsonFlag, storeFlag, usageError, type Verb, type Words } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { type RunState, readRunState, stateVersion } from "../state/read-run-state.ts";
import { findRun } from "../store/find-run.ts";
import { storePathOf, withStore } from "../store/find-store.ts";
import { plural } from "../text/text.ts";
import { readJournal } from "../watch/follow-journal.ts";

/** @internal */
export const verb: Verb = {
  usage: "state export [RUN] | state import FILE",
  args: [1, 2],
  flags: [storeFlag, jsonFlag],
  details: `The export holds the run, its tasks, its results and its journal, from which the import builds the run again.
What ran when it was exported is ready again after the import. FILE "-" is stdin.`,
  examples: [
    ["mai state export > run.json", "the run that goes on, or the last one"],
    ["mai state import run.json", "into the store here, which is made when it is missing"],
  ],
  async run(words, io) {
    const [what, name] = words.args;
    if (what === "export") return exportRun(words, io, name);
    if (what === "import" && name !== undefined) return importRun(words, io, name);
    throw usageError(
      what === "import" ? "state import needs a file" : `state can export and import, not ${what}`,
      "state",
    );
  },
};

function exportRun(words: Words, io: CommandIo, name: string | undefined): Promise<number> {
  return withStore(words, io, async (store) => {
    const run = await findRun(store, name);
    io.stdout.write(`${JSON.stringify(await stateOfRun(store, run), null, words.has("json") ? 0 : 2)}\n`);
    return exitCode.succeeded;
  });
}

/** @internal */
export async function stateOfRun(store: Store, run: RunRecord): Promise<RunState> {
  const journal: JournalEntry[] = [];
  await readJournal(store, run, (entries) => {
    journal.push(...entries);
  });
  const tasks = (await store.tasks({ runId: run.runId })).map((task) => ({
    task: task.spec,
    phase: task.phase,
    result: task.end === null ? null : resultOf(task),
  }));
  return { version: stateVersion, store: null, run, tasks, journal };
}

async function importRun(words: Words, io: CommandIo, file: string): Promise<number> {
  const source = file === "-" ? "<stdin>" : file;
  // Read and checked to the end before any store is opened, so that a bad one changes nothing.
  const state = readRunState(await textOf(file, source, io), source);
  const path = storePathOf(words, io) ?? defaultStorePath(await findRoot(io.cwd));
  const store = await openPlace(path);
  try {
    await store.restore(state.run, state.journal);
  } finally {
    await store.close();
  }
  const { runId } = state.run;
  const text = `Imported ${runId} with ${plural(state.tasks.length, "task")} into ${withoutSecrets(path)}\n`;
  io.stdout.write(
    words.has("json")
      ? `${JSON.stringify({ runId, tasks: state.tasks.length, store: withoutSecrets(path) })}\n`
      : text,
  );
  return exitCode.succeeded;
}

async function textOf(file: string, source: string, io: CommandIo): Promise<string> {
  if (file === "-") return new TextDecoder().decode(await io.readStdin());
  try {
    return await readFile(resolve(io.cwd, file), "utf8");
  } catch (error) {
    throw new MaiError("state.invalid", `${source} cannot be read: ${messageOf(error)}`, {
      hint: "Check the path.",
      cause: error,
    });
  }
}
