/** Help, as text. */
import { catalogue, type VerbEntry } from "./catalogue.ts";
import { type Flag, helpFlag, type Verb } from "./command.ts";

/** What `mai` alone says. @internal */
export function overview(): string {
  const groups = new Map<string, VerbEntry[]>();
  for (const entry of catalogue) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  const sections = [...groups].map(([group, entries]) =>
    [group, ...entries.map((entry) => `  ${entry.name.padEnd(10)} ${entry.summary}`)].join("\n"),
  );
  return `mai runs plans of tasks with AI agents and commands, and checks what they did.

Usage: mai VERB [...]

${sections.join("\n\n")}

\`mai VERB --help\` says more about one. First steps: mai init, then mai run plan.yaml
`;
}

/** What `mai VERB --help` says. @internal */
export function verbHelp(entry: VerbEntry, verb: Verb): string {
  const flags = [...verb.flags, helpFlag];
  const width = Math.max(...flags.map((flag) => nameOf(flag).length));
  const parts = [
    `mai ${entry.name}: ${entry.summary}`,
    `Usage: mai ${verb.usage}`,
    ...(verb.details === undefined ? [] : [verb.details]),
    `Flags\n${flags.map((flag) => `  ${nameOf(flag).padEnd(width)}  ${flag.summary}`).join("\n")}`,
    `Examples\n${examplesOf(verb)}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function nameOf(flag: Flag): string {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  return `${short}--${flag.name}${flag.value === undefined ? "" : ` ${flag.value}`}`;
}

function examplesOf(verb: Verb): string {
  const width = Math.max(...verb.examples.map(([line]) => line.length));
  return verb.examples.map(([line, does]) => `  ${line.padEnd(width)}  ${does}`).join("\n");
}
