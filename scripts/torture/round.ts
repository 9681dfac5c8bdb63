/** One round: a run that is killed again and again, then resumed in peace and judged. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { type Random, randomOf } from "mai-orchestration-testkit";
import { repositoryRoot } from "../lib/repository.ts";
import { type Findings, judge } from "./judge.ts";
import { type KillPoint, killableCalls } from "./kill-point.ts";
import { makeScene, type Scene } from "./scene.ts";

export interface Round {
  readonly seed: string;
  /** How each killed process came to its end. */
  readonly kills: readonly string[];
  readonly findings: Findings;
  readonly runId: string;
  readonly folder: string;
}

const engine = join(import.meta.dirname, "engine.ts");
const mai = join(repositoryRoot, "packages", "framework", "bin", "mai.js");
const source = "--conditions=mai-source";

/** @param keep - whether the folder stays for a look */
export async function playRound(seed: string, kills: number, keep: boolean): Promise<Round> {
  const random = randomOf(seed);
  const scene = makeScene(random.fork("scene"));
  const told: string[] = [];
  let runId: string | null = null;
  while (told.length < kills) {
    const death = await driveOnce(random.fork(`drive ${told.length}`), scene, runId);
    runId ??= death.runId ?? (await newestRun(scene));
    if (death.how === null) break;
    told.push(death.how);
  }
  runId = await inPeace(scene, runId);
  const findings = await judge(scene, runId);
  const isClean = findings.broken.length === 0 && badOf(findings) === 0;
  if (isClean && !keep) rmSync(scene.folder, { recursive: true, force: true });
  return { seed, kills: told, findings, runId, folder: scene.folder };
}

/** Everything that must be nothing. */
export function badOf(findings: Findings): number {
  const { lost, endedTwice, claimedTwice, overlapped, repeated, processesLeft, broken } = findings;
  return lost + endedTwice + claimedTwice + overlapped + repeated + processesLeft + broken.length;
}

interface Death {
  /** `null` when the run came to its end before anybody killed it. */
  readonly how: string | null;
  readonly runId: string | null;
}

async function driveOnce(random: Random, scene: Scene, runId: string | null): Promise<Death> {
  switch (random.pick(["point", "point", "moment", "command line", "two engines"])) {
    case "point": {
      const point = pointOf(random);
      const child = startEngine(scene, runId, point);
      return deathOf(child, `${point.when} ${point.call} ${point.number}`);
    }
    case "moment": {
      const child = startEngine(scene, runId, null);
      return killAt(child, random.int(150, 1_200), "an engine at a random moment");
    }
    case "command line": {
      const words = runId === null ? ["run", "plan.json", "--json"] : ["resume", runId, "--json"];
      const child = start([mai, ...words], scene.folder);
      return killAt(child, random.int(300, 1_500), `mai ${words[0]} at a random moment`);
    }
    default: {
      if (runId === null) return driveOnce(random.fork("first"), scene, runId);
      // Both share the work; the death of one must not disturb the other, which may die a moment later.
      const other = startEngine(scene, runId, pointOf(random.fork("other")));
      const one = startEngine(scene, runId, pointOf(random.fork("one")));
      const [first, second] = await Promise.all([
        deathOf(one, "one of two engines"),
        deathOf(other, "two engines at once"),
      ]);
      return first.how === null ? second : first;
    }
  }
}

function pointOf(random: Random): KillPoint {
  const call = random.pick(killableCalls as unknown as [KillPoint["call"], ...KillPoint["call"][]]);
  const number = call === "submit" || call === "note" ? 1 : random.int(1, 8);
  return { call, when: random.pick(["before", "after"]), number };
}

function startEngine(scene: Scene, runId: string | null, point: KillPoint | null): Started {
  return start([engine, scene.folder, runId ?? "-", JSON.stringify(point)], scene.folder);
}

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<readonly [code: number | null, signal: string | null]>;
}

function start(words: readonly string[], cwd: string): Started {
  const child = spawn(process.execPath, [source, ...words], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  const ended = once(child, "exit") as Promise<[number | null, string | null]>;
  return { child, said: () => text, ended };
}

/** Waits for a process that may be killed by itself; one that ended in any other way than well is a finding of its own. */
async function deathOf(started: Started, how: string): Promise<Death> {
  const [code, signal] = await started.ended;
  const runId = runIn(started.said());
  if (signal === "SIGKILL") return { how, runId };
  if (code !== 0 && code !== 1) throw new Error(`an engine ended with ${code ?? signal}:\n${started.said()}`);
  return { how: null, runId };
}

async function killAt(started: Started, ms: number, how: string): Promise<Death> {
  const timer = setTimeout(() => started.child.kill("SIGKILL"), ms);
  const death = await deathOf(started, how);
  clearTimeout(timer);
  return death;
}

function runIn(text: string): string | null {
  return /run-[0-9a-z]+-[0-9a-z]+/.exec(text)?.[0] ?? null;
}

/** A run whose id was never printed was not acknowledged, and may still be there. */
async function newestRun({ folder }: Scene): Promise<string | null> {
  const store = openSqliteStore({ path: join(folder, ".mai", "mai.db"), clock: systemClock });
  try {
    return (await store.runs())[0]?.runId ?? null;
  } finally {
    await store.close();
  }
}

/** Nobody is killed any more: the run must come to its end. */
async function inPeace(scene: Scene, runId: string | null): Promise<string> {
  const words = runId === null ? ["run", "plan.json", "--json"] : ["resume", runId, "--json"];
  const started = start([mai, ...words], scene.folder);
  const [code, signal] = await started.ended;
  const found = runId ?? runIn(started.said());
  if (found === null || (code !== 0 && code !== 1))
    throw new Error(
      `mai ${words.join(" ")} ended with ${code ?? signal} in ${scene.folder}:\n${started.said()}`,
    );
  return found;
}
