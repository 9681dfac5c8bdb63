/**
 * Thirty edits of a package that nobody here wrote, by Claude Code, twelve at a time, with all that goes wrong in a real
 * night: broken tests, contradictions, cheats, and an engine that is killed. The model is scripted; all else is real.
 *
 *     node examples/real-repository/run.ts               exits with 0 only if all that it claims holds
 *     node examples/real-repository/run.ts --edits 12    fewer good edits, the same trouble
 *     node examples/real-repository/run.ts --keep        leaves the repository to look at
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { claudeEnvironment, installClaude, startFakeModel } from "mai-orchestration-testkit";
import { atWork, type Fate, type Finding, fatesOf, findingsOf, mostAtOnce } from "./account.ts";
import { editsFor, fewestEdits, type Kind, mostEdits, planOf } from "./edits.ts";
import { makeRepository, packageName } from "./repository.ts";
import { journalOf, mai, resume, runUntilKilled } from "./work.ts";

const parallel = 12;

const { values } = parseArgs({ options: { edits: { type: "string" }, keep: { type: "boolean" } } });
const many = Number(values.edits ?? mostEdits);
if (!Number.isInteger(many) || many < fewestEdits || many > mostEdits)
  throw new Error(`--edits is a number from ${fewestEdits} to ${mostEdits}`);
const folder = mkdtempSync(join(tmpdir(), "mai-real-repository-"));
try {
  process.exitCode = (await show(folder)) ? 0 : 1;
} finally {
  if (values.keep) console.log(`\nThe repository, its runs and report.html are in ${folder}/repository`);
  else rmSync(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
}

async function show(scratch: string): Promise<boolean> {
  const root = join(scratch, "repository");
  const home = join(scratch, "home");
  const seconds = clock();
  const claude = await installClaude();
  makeRepository(root, scratch);
  mkdirSync(home);
  const made = seconds();
  await using model = disposable(await startFakeModel({ maxRecorded: 10_000 }));
  const agent = {
    ...{ id: "general-purpose", backend: "claude-code", max_concurrent: parallel, allow: ["sed -i *"] },
    ...{ executable: claude.executable, env: claudeEnvironment(model.url, home), model: "claude-sonnet-4-5" },
  };
  const edits = editsFor(root, many);
  writeFileSync(join(root, "mai.config.json"), JSON.stringify({ agents: [agent] }));
  writeFileSync(join(root, "plan.json"), JSON.stringify(planOf(edits, parallel)));

  console.log(
    `${many} edits of ${packageName} by Claude Code ${claude.version} (scripted model), ${parallel} at a time`,
  );
  console.log(`The repository was made in ${made} s`);
  const { runId, ended } = await runUntilKilled(root, Math.ceil(many / 3));
  const killed = seconds();
  const before = journalOf(root, runId);
  console.log(
    `The engine was killed with SIGKILL after ${killed} s: ${ended} edits had ended, ${atWork(before).size} were at work`,
  );
  const code = await resume(root);
  const journal = journalOf(root, runId);
  const number = (type: string): number => journal.filter((event) => event.type === type).length;
  const lost = number("attempt.lost");
  console.log(
    `mai resume ended with ${code} after ${seconds()} s: it went on with ${number("attempt.adopted") - lost}`,
  );
  console.log(`of them and began ${lost} again; ${model.requests.length} requests to the model in all\n`);

  const fates = fatesOf(root, runId, edits);
  const most = mostAtOnce(journal);
  const findings: Finding[] = [
    ...findingsOf({ root, scratch, runId, fates, before, journal }),
    { claim: "it was killed while edits were at work", holds: atWork(before).size > 0, detail: "none was" },
    { claim: `never more than ${parallel} were at work`, holds: most <= parallel, detail: `${most} were` },
  ];
  mai(root, "report", runId, "--html", "report.html");
  printTable(fates);
  for (const { claim, holds, detail } of findings)
    console.log(holds ? `holds   ${claim}` : `BROKEN  ${claim}: ${detail}`);
  return findings.every(({ holds }) => holds);
}

function printTable(fates: readonly Fate[]): void {
  const titles: readonly (readonly [Kind, string])[] = [
    ["good", "pass the tests"],
    ["conflicts", "contradict each other"],
    ["breaks", "break a test"],
    ["cheats", "cheat"],
  ];
  const rows = titles.map(([kind, title]) => {
    const these = fates.filter(({ edit }) => edit.kind === kind);
    return [title, String(these.length), counted(these, "verdict"), counted(these, "place")];
  });
  const table = [["Edits that", "", "the report says", "the work is in"], ...rows];
  for (const [title = "", number = "", said = "", place = ""] of table)
    console.log(`${title.padEnd(22)} ${number.padStart(2)}  ${said.padEnd(16)} ${place}`);
  console.log("");
}

function counted(fates: readonly Fate[], key: "verdict" | "place"): string {
  const counts = Map.groupBy(fates, (fate) => fate[key]);
  return [...counts].map(([word, { length }]) => `${length} ${word}`).join(", ");
}

/** Gives the seconds since the last call. */
function clock(): () => number {
  let last = Date.now();
  return () => {
    const now = Date.now();
    const passed = Math.round((now - last) / 1_000);
    last = now;
    return passed;
  };
}

function disposable<Server extends { close(): Promise<void> }>(server: Server): Server & AsyncDisposable {
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.close() });
}
