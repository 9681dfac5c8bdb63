/**
 * Runs the benchmarks: all of them, which writes `RESULTS.md`, or those that
 * are named, which only prints. A missed target is a result; a contender that
 * could not run is a failure and makes the exit code 1.
 */
import { writeFileSync } from "node:fs";
import { describeMachine } from "./harness/machine.ts";
import type { Benchmark, TimedSection } from "./harness/report.ts";
import { renderReport, renderSection, renderTargets } from "./harness/report.ts";

/** Loaded one by one, so that what one of them needs cannot keep the others from running. */
const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  "durable-tasks": async () => (await import("./benchmarks/durable-tasks.ts")).durableTasks,
  "in-memory": async () => (await import("./benchmarks/in-memory.ts")).inMemory,
  makespan: async () => (await import("./benchmarks/makespan.ts")).makespan,
  "million-queued": async () => (await import("./benchmarks/million-queued.ts")).millionQueued,
  postgres: async () => (await import("./benchmarks/postgres.ts")).postgres,
  worktrees: async () => (await import("./benchmarks/worktrees.ts")).worktreeCosts,
  "cold-start": async () => (await import("./benchmarks/cold-start.ts")).coldStart,
};

process.exitCode = await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(benchmarks, name));
  if (unknown !== undefined) {
    process.stderr.write(`Unknown benchmark ${unknown}. There are: ${Object.keys(benchmarks).join(", ")}\n`);
    return 4;
  }
  // Before the benchmarks, whose own load would otherwise be taken for that of others.
  const machine = names.length === 0 ? await describeMachine() : null;
  const sections: TimedSection[] = [];
  for (const [name, load] of Object.entries(benchmarks)) {
    if (names.length > 0 && !names.includes(name)) continue;
    process.stderr.write(`${name} ...\n`);
    const section = await runOne(name, load);
    sections.push(section);
    process.stdout.write(`${renderSection(section)}\n\n${renderTargets(section.targets)}\n\n`);
  }
  if (machine !== null) {
    writeFileSync(new URL("RESULTS.md", import.meta.url), renderReport(machine, sections));
  }
  return sections.some((section) => section.failures.length > 0) ? 1 : 0;
}

/** A benchmark that throws is reported as one that did not run; the others still do. */
async function runOne(name: string, load: () => Promise<Benchmark>): Promise<TimedSection> {
  const start = performance.now();
  try {
    const benchmark = await load();
    return { ...(await benchmark.run()), tookMs: performance.now() - start };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    const tookMs = performance.now() - start;
    return { title: name, text: [], tables: [], targets: [], failures: [failure], tookMs };
  }
}
