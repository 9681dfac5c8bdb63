/** What the tests with real agent programs saw last, program by program, and the page that shows it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { agentPrograms } from "mai-orchestration-testkit";
import { cases, type Driver, type DriverName, drivers } from "../../test/agents/driver.ts";
import { repositoryRoot } from "../lib/repository.ts";

/** Of one adapter. */
export interface AdapterResult {
  readonly version: string;
  /** The day of the run, `2026-11-25`. */
  readonly date: string;
  /** By case; one that is missing did not run. */
  readonly passed: Readonly<Record<string, boolean>>;
}

export type AdapterResults = Partial<Record<DriverName, AdapterResult>>;

const dataFile = join(repositoryRoot, "test", "agents", "results.json");
const page = join(repositoryRoot, "docs", "agents-tested.md");

export function readResults(): AdapterResults {
  try {
    return JSON.parse(readFileSync(dataFile, "utf8")) as AdapterResults;
  } catch {
    return {};
  }
}

export function writeResults(results: AdapterResults): void {
  writeFileSync(dataFile, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(page, pageOf(results));
}

/** The results as a page for people. */
function pageOf(results: AdapterResults): string {
  const names = Object.keys(drivers) as DriverName[];
  const notes: string[] = [];
  const rows = cases.map((title) => {
    const cells = names.map((name) => cellOf(name, title, results, notes));
    return `| ${title} | ${cells.join(" | ")} |`;
  });
  const programs = names.map((name) => {
    const { title } = agentPrograms[drivers[name].program];
    const result = results[name];
    return `| ${name} | ${title} | ${result?.version ?? "-"} | ${result?.date ?? "never"} |`;
  });
  return [
    "# Agents, tested",
    "",
    "What the real programs did, driven by the adapters against the scripted model server of the testkit. Written by",
    "`npm run test:agents`; nothing here is edited by hand. It proves the plumbing between engine, adapter and program, and",
    "nothing about how well a model works.",
    "",
    "| adapter | program | version | tested |",
    "|---|---|---|---|",
    ...programs,
    "",
    `| case | ${names.join(" | ")} |`,
    `|---|${names.map(() => "---").join("|")}|`,
    ...rows,
    "",
    "`yes`: as it should be. `NO`: not. `?`: not run. A number: the program or its protocol does not have it.",
    "",
    ...notes.map((note, at) => `${at + 1}. ${note}`),
    "",
  ].join("\n");
}

function cellOf(
  name: DriverName,
  title: (typeof cases)[number],
  results: AdapterResults,
  notes: string[],
): string {
  const { cannot }: Driver = drivers[name];
  const reason = cannot[title];
  if (reason !== undefined) return numberOf(`${name}: ${reason}`, notes);
  const passed = results[name]?.passed[title];
  return passed === undefined ? "?" : passed ? "yes" : "NO";
}

/** The number of a note; an equal one has the same. */
function numberOf(note: string, notes: string[]): string {
  const at = notes.indexOf(note);
  return String(at === -1 ? notes.push(note) : at + 1);
}
