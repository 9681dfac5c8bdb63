/** From the JSON of a script to a script, or to what is wrong with it. */
import { isObject } from "./json.ts";
import type { FakeScript, FakeStep } from "./script.ts";

/** @internal */
const maxDelayMs: number = 600_000;
/** @internal */
const maxBigBytes: number = 128 * 1024 * 1024;

/** Throws an error that names the step and the field. @internal */
export function readScript(source: string): FakeScript {
  const value: unknown = JSON.parse(source);
  if (Array.isArray(value)) return readSteps(value, "step");
  if (isObject(value) && Array.isArray(value["attempts"]) && value["attempts"].length > 0) {
    return {
      attempts: value["attempts"].map((steps, index) => {
        if (!Array.isArray(steps)) throw new Error(`attempt ${index + 1} is not a list of steps`);
        return readSteps(steps, `attempt ${index + 1}, step`);
      }),
    };
  }
  throw new Error('a script is a list of steps, or {"attempts": [[...], ...]}');
}

function readSteps(values: readonly unknown[], place: string): readonly FakeStep[] {
  return values.map((value, index) => {
    if (!isObject(value)) throw new Error(`${place} ${index + 1} is not an object`);
    for (const [name, field] of Object.entries(value)) {
      const isValid = Object.hasOwn(fields, name) ? fields[name as keyof FakeStep] : undefined;
      if (isValid === undefined) throw new Error(`${place} ${index + 1}: unknown field ${name}`);
      if (!isValid(field))
        throw new Error(`${place} ${index + 1}: ${name} cannot be ${JSON.stringify(field)}`);
    }
    return value as FakeStep;
  });
}

type Guard = (value: unknown) => boolean;

const isText: Guard = (value) => typeof value === "string";
const isFlag: Guard = (value) => typeof value === "boolean";
const between =
  (low: number, high: number): Guard =>
  (value) =>
    Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
const isCount = between(0, Number.MAX_SAFE_INTEGER);
const recordOf =
  (isValid: Guard, names?: readonly string[]): Guard =>
  (value) =>
    isObject(value) &&
    Object.entries(value).every(
      ([name, field]) => isValid(field) && (names === undefined || names.includes(name)),
    );
const isCall: Guard = (value) =>
  isObject(value) && isText(value["tool"]) && (value["input"] === undefined || isObject(value["input"]));

const fields: Readonly<Record<keyof FakeStep, Guard>> = {
  when: recordOf(isText, ["promptIncludes", "promptLacks"]),
  text: isText,
  big: between(0, maxBigBytes),
  tool: isText,
  input: isObject,
  tools: (value) => Array.isArray(value) && value.every(isCall),
  usage: recordOf(isCount, ["input", "output", "cacheRead", "cacheWrite"]),
  stop: (value) => value === "length" || value === "refusal",
  delayMs: between(0, maxDelayMs),
  hang: isFlag,
  cut: isFlag,
  error: between(400, 599),
  times: isCount,
  whileAttempt: between(1, Number.MAX_SAFE_INTEGER),
  headers: recordOf(isText),
};
