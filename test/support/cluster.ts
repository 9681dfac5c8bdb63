/** Workers and coordinators as processes of their own, on a real server. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "mai-orchestration-engine/store";
import { checkFold, checkJournal } from "mai-orchestration-testkit";
import { expect, inject, onTestFinished } from "vitest";
import { type MaiProcess, startMai } from "../../packages/framework/test/support/test-io.ts";
import { openPostgresStore, type PostgresStore } from "../../packages/store-postgres/src/index.ts";
import {
  dropNamespace,
  takeNamespace,
  urlOf,
} from "../../packages/store-postgres/test/support/namespaces.ts";
import { wholeJournal } from "../../packages/store-postgres/test/support/open.ts";

/** The server that the suite has started. */
export const server: string = inject("postgresUrl");

/** A namespace of its own, with processes that work in it. */
export interface Cluster {
  readonly folder: string;
  readonly url: string;
  readonly store: PostgresStore;
  worker(slots: number, env?: Readonly<Record<string, string>>, ...words: string[]): MaiProcess;
  mai(...words: string[]): MaiProcess;
}

export function newCluster(): Cluster {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "mai-cluster-")));
  const schema = takeNamespace();
  const url = urlOf(server, schema);
  const store = openPostgresStore({ url, clock: systemClock });
  onTestFinished(async () => {
    await store.close();
    await dropNamespace(server, schema);
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (words: readonly string[], env: Readonly<Record<string, string>> = {}): MaiProcess =>
    startMai(folder, words, { MAI_STORE: url, ...env });
  return {
    folder,
    url,
    store,
    worker: (slots, env, ...words) => start(["worker", "--agents", `bash=${slots}`, "--json", ...words], env),
    mai: (...words) => start(words),
  };
}

export function writePlan(folder: string, tasks: readonly object[]): void {
  const full = tasks.map((task) => ({
    type: "test",
    description: "Work",
    success_criteria: "Done",
    ...task,
  }));
  writeFileSync(join(folder, "plan.json"), JSON.stringify({ version: 1, tasks: full }));
}

/** What the run came to, once all of its laws are checked. */
export async function judge(
  store: PostgresStore,
  caps: ReadonlyMap<string, number>,
): Promise<Readonly<Record<string, number>>> {
  const [run] = await store.runs();
  if (run === undefined) throw new Error("There is a run");
  const journal = await wholeJournal(store);
  expect(checkJournal(journal, caps)).toEqual([]);
  expect(checkFold(journal, run.runId, await store.tasks({ runId: run.runId }))).toEqual([]);
  const { total, verdicts } = await store.counts(run.runId);
  return { total, ...verdicts };
}
