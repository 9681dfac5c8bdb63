/** `mai council`: a panel decides, as a run with one council. */
import { existsSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { councilStrategies, type FarmTask, isMaiError, MaiError } from "mai-orchestration-core";
import { checkAgents } from "mai-orchestration-core/plan";
import type { CouncilResult } from "mai-orchestration-council";
import type { Store } from "mai-orchestration-engine";
import { capacityOf } from "../../config/agent-setting.ts";
import { findRoot } from "../../config/find-root.ts";
import { loadConfig } from "../../config/load-config.ts";
import { resolveCouncilOptions } from "../../council/council-options.ts";
import { councilOfRun, writeCouncil } from "../../council/run-council.ts";
import { defaultStorePath } from "../../execution/state-folder.ts";
import { type Flag, jsonFlag, storeFlag, usageError, type Verb, type Words } from "../command.ts";
import type { CommandIo } from "../io.ts";
import type { PlannedRun } from "../run/plan-of-run.ts";
import { rosterFrom } from "../run/roster.ts";
import { maxCostFlag, maxCostOf, noWaitFlag, parallelFlag, parallelOf } from "../run/run-options.ts";
import { agentsFlag, sharesOf } from "../run/shares.ts";
import { storePathOf } from "../store/find-store.ts";
import { textFrom } from "./import.ts";

const flags: readonly Flag[] = [
  {
    name: "roster",
    value: "FILE|ROLES",
    summary: "who sits in it: a roster file, or roles with commas between",
  },
  { name: "rounds", value: "N", summary: "how often the panel speaks at most; 3 when left out" },
  { name: "strategy", value: "NAME", summary: `how it decides: ${councilStrategies.join(", ")}` },
  { name: "execute", summary: "have the action items done, and reviewed by the panel" },
  { name: "retries", value: "N", summary: "how often what it blocks is done again; 1 when left out" },
  { name: "output", value: "FOLDER", summary: "where result and session file go; not written when left out" },
];

/** @internal */
export const verb: Verb = {
  usage: "council TOPIC",
  args: [1, 1],
  flags: [...flags, parallelFlag, maxCostFlag, storeFlag, agentsFlag, noWaitFlag, jsonFlag],
  details: `TOPIC is a text, a file that holds it, or "-" for stdin. Every perspective is a task of one run: \`mai resume\` goes on
with a council that was interrupted, and nothing is asked twice. A veto, or no consensus, holds the work: exit code 1.
In a plan, the key \`council\` of a task does the same.`,
  examples: [
    ['mai council "Where do we keep sessions?"', "three roles, up to three rounds"],
    ["mai council topic.md --roster TechLead,SecurityEngineer --execute", "and have it done and reviewed"],
    ["mai council topic.md --output council-sessions", "keep result and session file"],
  ],
  async run(words, io) {
    const parallel = parallelOf(words);
    const task = await taskFrom(words, io);
    const config = await loadConfig(io.cwd, io.cwd);
    const [problem] = checkAgents([task], config.agents.map(capacityOf));
    if (problem !== undefined) {
      const hint = problem.hint ?? "Add such an agent to mai.config.yaml.";
      throw new MaiError("plan.no-agent", `the council cannot be held: ${problem.message}`, { hint });
    }
    const name = task.description.split("\n", 1)[0]?.slice(0, 80) ?? "council";
    const planned: PlannedRun = {
      plan: {
        version: 1,
        name,
        parallel: null,
        failFast: false,
        timeoutMs: null,
        maxCostUsd: null,
        tasks: [task],
      },
      source: "council",
      agents: config.agents,
      root: await findRoot(io.cwd),
      store: config.store,
      parallel: config.parallel,
      guardAfterMs: config.guardAfterMs,
      author: config.author,
      stdin: null,
    };
    const { runPlan } = await import("../run/run-plan.ts");
    const options = {
      parallel: parallel ?? config.parallel,
      timeoutMs: null,
      maxCostUsd: maxCostOf(words, "council"),
      failFast: false,
      store: storePathOf(words, io) ?? planned.store ?? defaultStorePath(planned.root),
      runId: undefined,
      json: words.has("json"),
      noWait: words.has("no-wait"),
      requireVerified: false,
      agents: sharesOf(words, "council"),
      tags: [],
    };
    return runPlan(planned, options, io, (store, runId) => tell(store, runId, words, io));
  },
};

async function taskFrom(words: Words, io: CommandIo): Promise<FarmTask> {
  const roster = await rosterFrom(words.value("roster"), io);
  const rounds = countOf(words, "rounds", 1);
  const retries = countOf(words, "retries", 0);
  const strategy = words.value("strategy");
  const known = councilStrategies.find((one) => one === strategy);
  if (strategy !== undefined && known === undefined)
    throw usageError(`--strategy must be one of ${councilStrategies.join(", ")}`, "council");
  const { task } = resolveCouncilOptions({
    topic: await topicFrom(words.args[0] ?? "", io),
    execute: words.has("execute"),
    ...(roster === null ? {} : { roster }),
    ...(rounds === null ? {} : { maxRounds: rounds }),
    ...(retries === null ? {} : { retries }),
    ...(known === undefined ? {} : { synthesisStrategy: known }),
  });
  return task;
}

async function topicFrom(word: string, io: CommandIo): Promise<string> {
  if (word === "-") return textFrom("-", io);
  const file = resolve(io.cwd, word);
  // A topic may be longer than any path.
  const isFile = word.length < 1_000 && existsSync(file) && statSync(file).isFile();
  return isFile ? textFrom(word, io) : word;
}

function countOf(words: Words, name: string, least: number): number | null {
  const text = words.value(name);
  if (text === undefined) return null;
  const count = /^\d{1,4}$/.test(text) ? Number(text) : -1;
  if (count >= least) return count;
  throw usageError(`--${name} must be a whole number from ${least}, not ${JSON.stringify(text)}`, "council");
}

/** What came of it, after the run's own summary; of a council that was interrupted there is nothing to tell yet. */
async function tell(store: Store, runId: string, words: Words, io: CommandIo): Promise<void> {
  const result = await councilOfRun(store, runId).catch((error: unknown) => {
    if (isMaiError(error) && error.code === "run.stopped") return null;
    throw error;
  });
  if (result === null) return;
  const folder = words.value("output");
  const file = folder === undefined ? null : await writeCouncil(result, resolve(io.cwd, folder));
  if (!words.has("json")) io.stdout.write(textOf(result, file === null ? null : relative(io.cwd, file)));
}

function textOf({ session, synthesis, actionItems, reviews }: CouncilResult, file: string | null): string {
  const percent = Math.round(synthesis.confidence * 100);
  const lines = [
    "",
    `${synthesis.decision.slice(0, 200)}`,
    `${synthesis.consensusLevel} consensus, confidence ${percent}%; decision ${session.id}`,
    ...(synthesis.hold === null ? [] : [`Held: ${synthesis.hold}`]),
    ...(synthesis.dissent === undefined ? [] : [`Dissent: ${synthesis.dissent}`]),
    ...actionItems.map(
      ({ task, owner, priority }) => `- [ ] ${task} (owner: ${owner}, priority: ${priority})`,
    ),
    ...reviews.map(({ taskId, verdict, reasons }) =>
      `${verdict.padEnd(8)} ${taskId} ${reasons.join("; ")}`.trimEnd(),
    ),
    ...(file === null ? [] : [`Session: ${file}`]),
  ];
  return `${lines.join("\n")}\n`;
}
