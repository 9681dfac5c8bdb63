/** From words to an exit code: finds the verb, runs it, and says what went wrong. */
import { isMaiError, MaiError, nearest } from "mai-orchestration-core/errors";
import type { PlanProblem } from "mai-orchestration-core/plan";
import { catalogue, type VerbEntry } from "./catalogue.ts";
import { exitCode, readWords } from "./command.ts";
import type { CommandIo } from "./io.ts";

/** Does what `argv` (the words after `mai`) says. Never rejects. @internal */
export async function runCommandLine(argv: readonly string[], io: CommandIo): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    io.stderr.write(errorText(error, argv.includes("--json")));
    return exitCodeOf(error);
  }
}

async function dispatch(argv: readonly string[], io: CommandIo): Promise<number> {
  const [first, ...rest] = argv;
  if (
    first === undefined ||
    first === "--help" ||
    first === "-h" ||
    (first === "help" && rest.length === 0)
  ) {
    const { overview } = await import("./help.ts");
    io.stdout.write(overview());
    return exitCode.succeeded;
  }
  if (first === "help") return dispatch([...rest, "--help"], io);
  const entry = catalogue.find((one) => one.name === first);
  if (entry === undefined) throw unknownVerb(first);
  return runVerb(entry, rest, io);
}

async function runVerb(entry: VerbEntry, argv: readonly string[], io: CommandIo): Promise<number> {
  const verb = await entry.load();
  const words = readWords(entry.name, verb, argv);
  if (words.has("help")) {
    const { verbHelp } = await import("./help.ts");
    io.stdout.write(verbHelp(entry, verb));
    return exitCode.succeeded;
  }
  return verb.run(words, io);
}

function unknownVerb(word: string): MaiError {
  const what = word.startsWith("-") ? `unknown flag ${word}` : `unknown verb ${JSON.stringify(word)}`;
  const meant = nearest(word, [...catalogue.map((entry) => entry.name), "help"]);
  const question = meant === undefined ? "" : `; did you mean \`mai ${meant}\`?`;
  return new MaiError("cli.usage", `${what}${question}`, { hint: "`mai help` lists the verbs." });
}

/** Trouble with the store's disk or lock is a failure; every other `MaiError` is something its caller can mend. */
function exitCodeOf(error: unknown): number {
  if (!isMaiError(error)) return exitCode.failed;
  return error.code === "store.failed" || error.code === "store.busy" ? exitCode.failed : exitCode.badInput;
}

/** What a person, or with `json` a program, is told of an error. @internal */
function errorText(error: unknown, json: boolean): string {
  if (!isMaiError(error)) return bugText(error);
  if (json) {
    const { code, message, hint } = error;
    return `${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`;
  }
  if (Array.isArray(error.cause) && error.cause.length > 1) return mistakesText(error, error.cause);
  const hint = error.hint === undefined ? "" : `${error.hint} `;
  return `mai: ${error.message}\n     ${hint}[${error.code}]\n`;
}

/** One mistake a line, each as editors find it: `plan.yaml:4:11: what is wrong`. */
function mistakesText({ message, code }: MaiError, problems: readonly PlanProblem[]): string {
  const source = /^(?<file>.+?):\d+:\d+: /.exec(message)?.groups?.["file"] ?? "the plan";
  return `mai: ${source} has ${problems.length} mistakes:\n${message}\n     \`mai validate PLAN --json\` names a remedy for each. [${code}]\n`;
}

function bugText(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `mai: this is a bug in mai, not in what you did. Please report it with these lines:\n${stack}\n`;
}
