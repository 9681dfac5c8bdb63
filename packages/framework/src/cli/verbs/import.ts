/** `mai import`: a decision of a council becomes a plan. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { MaiError, messageOf } from "mai-orchestration-core";
import { planTextFromCouncil, readCouncil } from "mai-orchestration-council";
import { readText, textOf } from "../../plan/read-text.ts";
import { exitCode, type Flag, jsonFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { shellWord } from "../store/store-words.ts";

const outputFlag: Flag = { name: "output", value: "FILE", summary: "the plan's file; printed when left out" };

/** @internal */
export const verb: Verb = {
  usage: "import FILE",
  args: [1, 1],
  flags: [outputFlag, jsonFlag],
  details: `FILE is what a council left: its result as JSON, its session file with \`- [ ]\` under Action Items, or a synthesis in
prose (\`### Council Synthesis\`); "-" reads stdin. Each action item becomes a task that carries the decision's id. A
decision that is held, by a veto or for want of consensus, is refused.`,
  examples: [
    ["mai import council.json --output plan.yaml", "then look into it, and `mai run plan.yaml`"],
    ["mai import session.md | mai run -", "at once"],
  ],
  async run(words, io) {
    const source = words.args[0] ?? "";
    const decision = readCouncil(await textFrom(source, io), source === "-" ? "<stdin>" : source);
    const text = planTextFromCouncil(decision);
    const output = words.value("output");
    if (output !== undefined) await write(resolve(io.cwd, output), text);
    const { id, actionItems } = decision;
    const said = { decision: id, tasks: actionItems.length, file: output ?? null };
    if (words.has("json"))
      io.stdout.write(`${JSON.stringify(output === undefined ? { ...said, plan: text } : said)}\n`);
    else if (output === undefined) io.stdout.write(text);
    else io.stdout.write(`Wrote ${output}. Next: mai run ${shellWord(output)}\n`);
    return exitCode.succeeded;
  },
};

/** The text of a file, or of stdin. Rejects `council.unreadable`. @internal */
export async function textFrom(path: string, io: CommandIo): Promise<string> {
  const reading = path === "-" ? textOf(await io.readStdin()) : await readText(resolve(io.cwd, path));
  if (reading.ok) return reading.text;
  throw new MaiError("council.unreadable", `${path === "-" ? "<stdin>" : path} ${reading.message}`, {
    hint: reading.hint,
  });
}

async function write(path: string, text: string): Promise<void> {
  try {
    // Never over a plan that is there: somebody may have worked on it.
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    throw new MaiError("cli.usage", `${path} cannot be written: ${messageOf(error)}`, {
      hint: "Name another file, or remove that one.",
      cause: error,
    });
  }
}
