/** `mai doctor`: what is wrong here, and what to do about it. */
import { isMaiError } from "mai-orchestration-core";
import { exitCode, jsonFlag, storeFlag, type Verb } from "../command.ts";
import { agentFindings } from "../doctor/agent-findings.ts";
import type { Finding } from "../doctor/finding.ts";
import { placeFindings } from "../doctor/place-findings.ts";
import { storeFindings } from "../doctor/store-findings.ts";
import { oneLine } from "../text/text.ts";
import { type Theme, themeFor } from "../text/theme.ts";

/** @internal */
export const verb: Verb = {
  usage: "doctor",
  args: [0, 0],
  flags: [jsonFlag, storeFlag],
  details: "Looks at runtime, git, store, configuration and agents. Exits with 1 when something is wrong.",
  examples: [
    ["mai doctor", "before the first run, or when something is odd"],
    ["mai doctor --json", "every finding as an object"],
  ],
  async run(words, io) {
    const findings = [
      ...(await guarded("place", () => placeFindings(io))),
      ...(await guarded("store", () => storeFindings(words, io))),
      ...(await guarded("configuration", () => agentFindings(io))),
    ];
    const isWrong = findings.some((finding) => finding.state === "wrong");
    if (words.has("json")) io.stdout.write(`${JSON.stringify({ ok: !isWrong, findings })}\n`);
    else io.stdout.write(textOf(findings, themeFor(io.stdout, io.env)));
    return isWrong ? exitCode.failed : exitCode.succeeded;
  },
};

/** A `MaiError` is a finding too. */
async function guarded(subject: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (!isMaiError(error)) throw error;
    return [{ subject, state: "wrong", text: error.message, remedy: error.hint ?? null }];
  }
}

function textOf(findings: readonly Finding[], theme: Theme): string {
  const { verdicts } = theme.marks;
  const marks = {
    good: theme.good(verdicts.verified),
    note: theme.warn("!"),
    wrong: theme.bad(verdicts.failed),
  };
  const width = Math.max(...findings.map((finding) => finding.subject.length));
  const lines = findings.flatMap(({ subject, state, text, remedy }) => [
    ...text
      .split("\n")
      .map(
        (line, i) =>
          `${i === 0 ? marks[state] : " "} ${theme.bold((i === 0 ? subject : "").padEnd(width))}  ${oneLine(line)}`,
      ),
    ...(remedy === null ? [] : [`${" ".repeat(width + 4)}${theme.dim(oneLine(remedy))}`]),
  ]);
  return `${lines.join("\n")}\n`;
}
