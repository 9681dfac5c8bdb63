/** `mai worker`: lends this machine's agents to the runs of a shared store. */
import { resolve } from "node:path";
import { killEverythingNow } from "mai-orchestration-agents";
import { MaiError, parseDuration } from "mai-orchestration-core";
import { agentsFrom } from "../../agents/agents-from.ts";
import { loadConfig } from "../../config/load-config.ts";
import { Worker } from "../../execution/worker.ts";
import { openPostgres } from "../../store/open-place.ts";
import { isPostgresUrl } from "../../store/shared-store.ts";
import { exitCode, type Flag, jsonFlag, storeFlag, usageError, type Verb, type Words } from "../command.ts";
import type { CommandIo, StopSignal } from "../io.ts";
import { agentsFlag, nameAgents, settingsOf, sharesOf, tagsFlag, tagsOf } from "../run/shares.ts";
import { findStore } from "../store/find-store.ts";
import { oneLine } from "../text/text.ts";

const graceFlag: Flag = {
  name: "grace",
  value: "DURATION",
  summary: "how long attempts may go on after SIGTERM before they are handed back; 30s when left out",
};
const rootFlag: Flag = {
  name: "root",
  value: "DIR",
  summary: "where attempts work when their run's own folder is not on this machine; here when left out",
};

/** A server that is away for so long ends the worker; a service manager starts it again. */
const patienceMs = 10 * 60_000;

/** @internal */
export const verb: Verb = {
  usage: "worker --agents ID=N,...",
  args: [0, 0],
  flags: [storeFlag, agentsFlag, tagsFlag, graceFlag, rootFlag, jsonFlag],
  details: `Takes tasks from every open run of a store in Postgres, as many of each agent at once as --agents says. The first signal
drains: nothing new is taken, and what has not ended within --grace is handed back, uncounted. A second one ends at once.`,
  examples: [
    ["mai worker --store postgres://db/mai --agents general-purpose=4,bash=2", "lend six slots"],
    ["mai worker --agents bash=8 --tags gpu", "with MAI_STORE set, on a machine with a GPU"],
  ],
  async run(words, io) {
    const shares = sharesOf(words, "worker");
    if (shares === null)
      throw usageError("say which agents work here: --agents general-purpose=4,bash=2", "worker");
    const graceMs = graceOf(words);
    const url = await findStore(words, io);
    if (!isPostgresUrl(url)) {
      throw new MaiError("cli.usage", "Workers share a store in Postgres, and not a file", {
        hint: "Name it with --store postgres://..., or with MAI_STORE.",
      });
    }
    const config = await loadConfig(io.cwd, io.cwd);
    const agents = agentsFrom(settingsOf(config.agents, shares));
    const store = await openPostgres(url, { patienceMs });
    const say = sayTo(io, words.has("json"));
    const worker = new Worker({
      store,
      agents,
      tags: tagsOf(words),
      author: config.author,
      root: resolve(io.cwd, words.value("root") ?? "."),
      onStarted: ({ runId, taskId, attempt, task }) =>
        say("started", { runId, taskId, attempt, agentId: task.agentId }),
      onEnded: ({ runId, spec, attempt, end }) =>
        say("ended", { runId, taskId: spec.taskId, attempt, verdict: end?.verdict ?? null }),
      onNotice: (text) => say("notice", { text }),
    });
    try {
      await nameAgents(store, config.agents);
      await worker.start();
      say("ready", { workerId: worker.workerId, store: store.name, agents: Object.fromEntries(shares) });
      await Promise.race([untilSignal(worker, graceMs, io, say), worker.failed]);
      return exitCode.succeeded;
    } finally {
      await store.close();
    }
  },
};

type Say = (what: string, facts: Readonly<Record<string, unknown>>) => void;

async function untilSignal(worker: Worker, graceMs: number, io: CommandIo, say: Say): Promise<void> {
  let stopListening = (): void => undefined;
  const signal = await new Promise<StopSignal>((done) => {
    stopListening = io.onSignal(done, killEverythingNow);
  });
  say("draining", { signal, graceMs });
  await worker.drain(graceMs);
  await worker.stop(`its worker was stopped by ${signal}`);
  say("stopped", {});
  stopListening();
}

function sayTo(io: CommandIo, json: boolean): Say {
  return (what, facts) => {
    if (json) io.stdout.write(`${JSON.stringify({ type: `worker.${what}`, ...facts })}\n`);
    else {
      const words = Object.entries(facts).map(([name, value]) => `${name} ${textOf(value)}`);
      io.stdout.write(`${[what, ...words].join("  ")}\n`);
    }
  };
}

function textOf(value: unknown): string {
  return oneLine(typeof value === "string" ? value : JSON.stringify(value));
}

function graceOf(words: Words): number {
  const text = words.value("grace");
  if (text === undefined) return 30_000;
  const graceMs = parseDuration(text);
  if (graceMs !== undefined) return graceMs;
  throw usageError(`--grace must be a duration such as 30s or 5m, not ${JSON.stringify(text)}`, "worker");
}
