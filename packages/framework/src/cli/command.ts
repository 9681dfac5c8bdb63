/** What a verb of the command line is, and how its words are read. */
import { parseArgs } from "node:util";
import { MaiError, nearest } from "mai-orchestration-core/errors";
import type { CommandIo } from "./io.ts";

/** What the process exits with. @internal */
export const exitCode = {
  succeeded: 0,
  failed: 1,
  cancelled: 2,
  waiting: 3,
  badInput: 4,
  interrupted: 130,
  terminated: 143,
} as const;

/** @internal */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** How its value is called in help; absent: the flag takes none. */
  readonly value?: string;
  readonly summary: string;
}

/** The words after a verb, read. @internal */
export interface Words {
  readonly args: readonly string[];
  /** Whether a flag without value was given. */
  has(flag: string): boolean;
  /** A flag's value; `undefined` when it was not given. */
  value(flag: string): string | undefined;
}

/** @internal */
export interface Verb {
  /** After `mai`: `logs TASK [-f]`. */
  readonly usage: string;
  /** How many arguments it takes. */
  readonly args: readonly [least: number, most: number];
  readonly flags: readonly Flag[];
  /** What a person should know before the first use. */
  readonly details?: string;
  /** Each a command line and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Resolves the exit code; rejects with a `MaiError` for a caller's mistake. */
  run(words: Words, io: CommandIo): Promise<number>;
}

/** @internal */
export const jsonFlag: Flag = { name: "json", summary: "print JSON" };
/** @internal */
export const storeFlag: Flag = {
  name: "store",
  value: "STORE",
  summary: "a file, or postgres://...; MAI_STORE, else .mai/mai.db here or above, when left out",
};
/** @internal */
export const runFlag: Flag = {
  name: "run",
  value: "RUN",
  summary: "the run; the newest that has not ended when left out",
};
/** Every verb has these. @internal */
export const helpFlag: Flag = { name: "help", short: "h", summary: "show this" };

/** Reads the words after a verb. Throws `cli.usage` and names what was probably meant. @internal */
export function readWords(name: string, verb: Verb, argv: readonly string[]): Words {
  const flags = [...verb.flags, helpFlag];
  const given = new Map<string, string | true>();
  const args: string[] = [];
  for (const token of tokensOf(flags, argv)) {
    if (token.kind === "positional") args.push(token.value);
    if (token.kind !== "option") continue;
    const flag = flags.find((one) => one.name === token.name);
    if (flag === undefined) throw unknownFlag(name, token.rawName, flags);
    given.set(flag.name, flagValue(name, flag, token.value));
  }
  if (!given.has("help")) checkCount(name, verb, args);
  return {
    args,
    has: (flag) => given.has(flag),
    value: (flag) => {
      const value = given.get(flag);
      return value === true ? undefined : value;
    },
  };
}

function tokensOf(flags: readonly Flag[], argv: readonly string[]) {
  const options = Object.fromEntries(
    flags.map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  // Not strict: the words of its errors name no flag that was probably meant.
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function flagValue(name: string, flag: Flag, value: string | undefined): string | true {
  if (flag.value === undefined) {
    if (value === undefined) return true;
    throw usageError(`--${flag.name} takes no value`, name);
  }
  if (value === undefined || value === "")
    throw usageError(`--${flag.name} needs a value: --${flag.name} ${flag.value}`, name);
  return value;
}

function unknownFlag(name: string, raw: string, flags: readonly Flag[]): MaiError {
  const meant = nearest(
    raw.replace(/^-+/, ""),
    flags.map((flag) => flag.name),
  );
  const question = meant === undefined ? "" : `; did you mean --${meant}?`;
  return usageError(`unknown flag ${raw}${question}`, name);
}

function checkCount(name: string, verb: Verb, args: readonly string[]): void {
  const [least, most] = verb.args;
  if (args.length < least) throw usageError(`something is missing: mai ${verb.usage}`, name);
  const extra = args[most];
  if (extra !== undefined)
    throw usageError(`${JSON.stringify(extra)} is one word too many: mai ${verb.usage}`, name);
}

/** A mistake in the words given. @internal */
export function usageError(message: string, verb: string): MaiError {
  return new MaiError("cli.usage", message, { hint: `\`mai ${verb} --help\` shows how it is used.` });
}
