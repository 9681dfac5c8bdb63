/** What became of every edit, told by git and by the report, and what must hold of all of it. */
import { readdirSync, readFileSync } from "node:fs";
import { type Edit, type Kind, lineIsThere } from "./edits.ts";
import { packageTests, run, succeeds } from "./repository.ts";
import { type Event, mai } from "./work.ts";

/** Where the work of an edit is. */
type Place = "target" | "branch" | "salvage" | "nowhere";

export interface Fate {
  readonly edit: Edit;
  readonly verdict: string;
  readonly reason: string;
  readonly place: Place;
  readonly isAsExpected: boolean;
}

/** Something that must hold, and how it looks if it does not. */
export interface Finding {
  readonly claim: string;
  readonly holds: boolean;
  readonly detail: string;
}

interface Result {
  readonly taskId: string;
  readonly verdict?: string;
  readonly reason?: string;
}

const expected: Readonly<Record<Kind, readonly [verdict: string, place: Place]>> = {
  good: ["verified", "target"],
  conflicts: ["verified", "target"],
  breaks: ["failed", "salvage"],
  cheats: ["unverified", "branch"],
};

/** What the report says of each edit, and where its work is. */
export function fatesOf(root: string, runId: string, edits: readonly Edit[]): readonly Fate[] {
  const report = JSON.parse(mai(root, "report", runId, "--json").out) as { results: readonly Result[] };
  const results = new Map(report.results.map((result) => [result.taskId, result]));
  return edits.map((edit) => {
    const { verdict = "missing", reason = "" } = results.get(edit.id) ?? {};
    const place = placeOf(root, runId, edit);
    const [wantedVerdict, wantedPlace] = expected[edit.kind];
    const isAsExpected = verdict === wantedVerdict && place === wantedPlace;
    return { edit, verdict, reason, place, isAsExpected };
  });
}

/** Its line is in the target, or at least in a ref that keeps what is not. */
function placeOf(root: string, runId: string, { id, file, line }: Edit): Place {
  const has = (ref: string): boolean => run(root, "git", "show", `${ref}:${file}`).split("\n").includes(line);
  const refs = (prefix: string): readonly string[] =>
    run(root, "git", "for-each-ref", "--format=%(refname)", prefix).split("\n").filter(Boolean);
  if (has("main")) return "target";
  if (refs(`refs/heads/mai/${runId}/${id}`).some(has)) return "branch";
  return refs(`refs/mai/salvage/${runId}/${id}/`).some(has) ? "salvage" : "nowhere";
}

/** A run that is over. */
export interface Over {
  readonly root: string;
  /** The folder that holds the repository and the home of its agents. */
  readonly scratch: string;
  readonly runId: string;
  readonly fates: readonly Fate[];
  /** The journal as it was when the engine had been killed. */
  readonly before: readonly Event[];
  readonly journal: readonly Event[];
}

/** What must hold when the run is over. */
export function findingsOf({ root, scratch, runId, fates, before, journal }: Over): readonly Finding[] {
  const page = mai(root, "report", runId).out;
  const names = fates.map(({ edit }) => edit);
  const unnamed = names.filter(({ id }) => !page.includes(`| ${id} |`)).map(({ id }) => id);
  const odd = fates.filter(({ isAsExpected }) => !isAsExpected);
  const lost = fates.filter(({ place }) => place === "nowhere").map(({ edit }) => edit.id);
  const delivered = fates.filter(({ place }) => place === "target");
  const undone = delivered.filter(({ edit }) => !succeeds(root, lineIsThere(edit.file, edit.line)));
  const doubted = fates.filter(
    ({ edit, reason }) => edit.kind === "cheats" && !/test|assertion/.test(reason),
  );
  const otherwise = fates.filter(
    ({ edit, reason }) => edit.kind === "breaks" && !reason.includes(packageTests),
  );
  const left = processesOf(scratch, runId);
  const hadEnded = new Set(before.filter(isEnd).map(({ taskId }) => taskId));
  const again = journal
    .slice(before.length)
    .filter((event) => event.type === "attempt.started" && hadEnded.has(event.taskId));
  const trees = run(root, "git", "worktree", "list").trim().split("\n").slice(1);
  return [
    finding("mai report accounts for every edit", unnamed),
    finding("every edit ended as it deserves", odd.map(wordsOf)),
    finding("what failed did so by the tests of the package", otherwise.map(wordsOf)),
    finding("every cheat was seen for what it is", doubted.map(wordsOf)),
    finding("the work of every edit is in main or kept", lost),
    finding("main has the edits that it should have", undone.map(wordsOf)),
    finding("main passes the tests of the package", succeeds(root, packageTests) ? [] : [packageTests]),
    finding("main is checked out and clean", run(root, "git", "status", "--porcelain").split("\n")),
    finding("no work tree is left", trees),
    finding("no process is left", left),
    finding(
      "the journal folds to what the store says",
      mai(root, "audit", runId).code === 0 ? [] : ["mai audit"],
    ),
    finding(
      "what had ended before the kill was not done again",
      again.map(({ taskId = "" }) => taskId),
    ),
    finding("the run has one end", ends(journal) === 1 ? [] : [`${ends(journal)} ends`]),
  ];
}

function ends(journal: readonly Event[]): number {
  return journal.filter(({ type }) => type === "run.finished").length;
}

function wordsOf({ edit, verdict, reason, place }: Fate): string {
  return `${edit.id}: ${verdict}, ${place}${reason === "" ? "" : ` (${reason})`}`;
}

/** @param faults - none if it holds; empty lines do not count */
function finding(claim: string, faults: readonly string[]): Finding {
  const real = faults.filter(Boolean);
  return { claim, holds: real.length === 0, detail: real.join("; ") };
}

/** How many attempts were at work at once, at most. */
export function mostAtOnce(journal: readonly Event[]): number {
  return Math.max(...journal.map((_, at) => atWork(journal.slice(0, at + 1)).size));
}

/** The tasks that had an attempt at work when the journal ends. */
export function atWork(journal: readonly Event[]): ReadonlySet<string> {
  const open = new Set<string>();
  for (const event of journal) {
    const { type, taskId = "" } = event;
    if (type === "attempt.started") open.add(taskId);
    else if (type === "attempt.failed" || type === "attempt.lost" || isEnd(event)) open.delete(taskId);
  }
  return open;
}

function isEnd({ type }: Event): boolean {
  return type === "task.succeeded" || type === "task.failed";
}

/** Processes that say in their environment that they are of the run, or whose home is that of its agents. Linux only. */
function processesOf(scratch: string, runId: string): readonly string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
        return environment.includes(`${runId}/`) || environment.includes(`${scratch}/`)
          ? [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").slice(0, 80)}`]
          : [];
      } catch {
        // Ended meanwhile, or somebody else's.
        return [];
      }
    });
}
