/** Reads data against a shape: what fits comes out under the program's names, every misfit is reported. */
import { parseDuration } from "../duration.ts";
import { nearest } from "../nearest.ts";
import { schemaFault } from "../output-schema.ts";
import { type DataPath, oneLine, type ShapeProblem } from "./problem.ts";
import {
  anyText,
  type Field,
  largestInteger,
  type ObjectShape,
  type Shape,
  strangersTo,
  type TextShape,
  type Variants,
} from "./shape.ts";

/** @internal */
export type Report = (problem: ShapeProblem) => void;

/**
 * The value under the program's names, or `undefined` when it does not fit. Of
 * an object or a list the parts that fit come out; the value is only whole when
 * nothing was reported.
 *
 * @internal
 */
export function readShape(shape: Shape, value: unknown, path: DataPath, report: Report): unknown {
  switch (shape.kind) {
    case "text":
      return readText(shape, value, path, report);
    case "duration":
      return readDuration(value, path, report);
    case "integer":
      return readInteger(shape.least, value, path, report);
    case "dollars":
      if (typeof value === "number" && value > 0 && value <= largestInteger) return value;
      return misfit(path, "US dollars, more than 0, such as `5` or `0.50`", value, report);
    case "amount":
      if (typeof value === "number" && value > 0 && value <= largestInteger) return value;
      return misfit(path, `a number above 0, at most ${largestInteger}`, value, report);
    case "scalar":
      if (typeof value === "boolean" || Number.isFinite(value)) return value;
      if (typeof value === "string") return readText(anyText, value, path, report);
      return misfit(path, "text, a number, `true` or `false`", value, report);
    case "boolean":
      if (typeof value === "boolean") return value;
      return misfit(path, "`true` or `false`", value, report);
    case "constant":
      if (value === shape.value) return value;
      return misfit(path, `\`${shape.value}\`, the one this release reads`, value, report);
    case "choice":
      return readChoice(shape, value, path, report);
    case "list":
      return readList(shape, value, path, report);
    case "schema":
      return readSchema(value, path, report);
    case "map":
      return readMap(shape, value, path, report);
    case "object":
      return readObject(shape, value, path, report);
  }
}

function readText(shape: TextShape, value: unknown, path: DataPath, report: Report): string | undefined {
  if (typeof value !== "string") {
    const plain = typeof value === "number" || typeof value === "boolean";
    return misfit(path, shape.says, value, report, plain ? `Put it in quotes: "${value}".` : null);
  }
  if (!new RegExp(shape.pattern, "u").test(value)) return misfit(path, shape.says, value, report);
  const refused = shape.refuse?.(value);
  if (refused === undefined) return value;
  report({ path, part: "value", message: `${labelOf(path)} ${refused.message}`, hint: refused.hint });
  return undefined;
}

function readDuration(value: unknown, path: DataPath, report: Report): number | undefined {
  const ms = typeof value === "string" ? parseDuration(value) : undefined;
  if (ms !== undefined) return ms;
  const bare = typeof value === "number" && value > 0 && Number.isFinite(value);
  const hint = bare
    ? `Write the unit: ${value}s or ${value}m.`
    : "Write a positive number of at most a year and one of ms, s, m, h, d.";
  return misfit(path, "a duration such as `90s` or `10m`", value, report, hint);
}

function readInteger(least: number, value: unknown, path: DataPath, report: Report): number | undefined {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= largestInteger)
    return Number(value);
  return misfit(path, `a whole number from ${least} to ${largestInteger}`, value, report);
}

function readChoice(
  shape: Extract<Shape, { kind: "choice" }>,
  value: unknown,
  path: DataPath,
  report: Report,
): string | undefined {
  if (typeof value === "string") {
    if (shape.values.includes(value)) return value;
    const reason = Object.hasOwn(shape.refused ?? {}, value) ? shape.refused?.[value] : undefined;
    if (reason !== undefined) {
      report({ path, part: "value", message: reason, hint: `Use ${alternatives(shape.values)}.` });
      return undefined;
    }
  }
  const meant = typeof value === "string" ? nearest(value, shape.values) : undefined;
  const hint = meant === undefined ? null : `Did you mean \`${meant}\`?`;
  return misfit(path, alternatives(shape.values), value, report, hint);
}

function readList(
  shape: Extract<Shape, { kind: "list" }>,
  value: unknown,
  path: DataPath,
  report: Report,
): unknown[] | undefined {
  if (!Array.isArray(value)) {
    const single = typeof value === "string" && value.length <= 40;
    return misfit(path, "a list", value, report, single ? `Write [${oneLine(value)}].` : null);
  }
  if (value.length < shape.least) {
    report({ path, part: "value", message: `${labelOf(path)} is empty`, hint: "Give at least one." });
  }
  const items: unknown[] = [];
  for (const [index, item] of value.entries()) {
    const read = readShape(shape.of, item, [...path, index], report);
    if (read !== undefined) items.push(read);
  }
  return items;
}

function readMap(
  shape: Extract<Shape, { kind: "map" }>,
  value: unknown,
  path: DataPath,
  report: Report,
): Record<string, unknown> | undefined {
  if (!isRecord(value)) return misfit(path, "keys with values", value, report);
  const pattern = new RegExp(shape.keys.pattern, "u");
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) {
    const here = [...path, key];
    if (pattern.test(key)) {
      const read = readShape(shape.of, item, here, report);
      if (read !== undefined) entries.push([key, read]);
    } else {
      const message = `a name in ${labelOf(path)} must be ${shape.keys.says}, but is ${shown(key)}`;
      report({ path: here, part: "key", message, hint: null });
    }
  }
  // Not by assignment: a key called `__proto__` must stay a key.
  return Object.fromEntries(entries);
}

function readSchema(value: unknown, path: DataPath, report: Report): unknown {
  const fault = schemaFault(value);
  if (fault === null) return value;
  const here = [...path, ...fault.path];
  report({ path: here, part: "value", message: `${labelOf(here)} ${fault.message}`, hint: null });
  return undefined;
}

function readObject(
  shape: ObjectShape,
  value: unknown,
  path: DataPath,
  report: Report,
): Record<string, unknown> | undefined {
  if (shape.shorthand !== undefined && typeof value === "string") {
    return readObject({ kind: "object", fields: shape.fields }, { [shape.shorthand]: value }, path, report);
  }
  if (!isRecord(value)) return misfit(path, "keys with values", value, report);
  for (const key of Object.keys(value)) {
    if (!shape.fields.some((field) => field.key === key)) report(unknownKey(shape, key, [...path, key]));
  }
  if (shape.variants !== undefined) refuseStrangers(shape.variants, value, path, report);
  const entries: [string, unknown][] = [];
  for (const field of shape.fields) {
    const own = Object.hasOwn(value, field.key) ? value[field.key] : undefined;
    if (own === undefined) {
      if (field.required) report(missingKey(field, path));
      continue;
    }
    const read = readShape(field.shape, own, [...path, field.key], report);
    if (read !== undefined && field.name !== null) entries.push([field.name, read]);
  }
  return Object.fromEntries(entries);
}

function refuseStrangers(
  variants: Variants,
  value: Record<string, unknown>,
  path: DataPath,
  report: Report,
): void {
  const { by, takes, remedy } = variants;
  const chosen = Object.hasOwn(value, by) ? value[by] : undefined;
  const variant = typeof chosen === "string" && Object.hasOwn(takes, chosen) ? chosen : null;
  // A choice that is no choice is a mistake of its own, and says nothing about other keys.
  if (variant === null && chosen !== undefined) return;
  for (const key of strangersTo(variants, variant)) {
    if (!Object.hasOwn(value, key) || value[key] === undefined) continue;
    const where = variant === null ? `without \`${by}\`` : `for the ${by} \`${variant}\``;
    const message = `\`${key}\` means nothing ${where}`;
    report({ path: [...path, key], part: "key", message, hint: remedy(variant, key) });
  }
}

function missingKey(field: Field, path: DataPath): ShapeProblem {
  return {
    path,
    part: "value",
    message: `\`${field.key}\` is missing`,
    hint: `Add \`${field.key}\`: ${field.doc}`,
  };
}

function unknownKey(shape: ObjectShape, key: string, path: DataPath): ShapeProblem {
  const known = shape.fields.map((field) => field.key);
  const elsewhere = Object.hasOwn(shape.elsewhere ?? {}, key) ? shape.elsewhere?.[key] : undefined;
  const meant = elsewhere === undefined ? nearest(key, known) : undefined;
  const question = meant === undefined ? "" : `; did you mean \`${meant}\`?`;
  const hint =
    elsewhere ?? (meant === undefined ? `Known here: ${known.join(", ")}.` : `Write \`${meant}\`.`);
  return { path, part: "key", message: `unknown key \`${oneLine(key)}\`${question}`, hint };
}

function misfit(
  path: DataPath,
  wanted: string,
  value: unknown,
  report: Report,
  hint: string | null = null,
): undefined {
  report({
    path,
    part: "value",
    message: `${labelOf(path)} must be ${wanted}, but is ${shown(value)}`,
    hint,
  });
  return undefined;
}

/** The last key on the path, with the indexes behind it. */
function labelOf(path: DataPath): string {
  const start = path.findLastIndex((part) => typeof part === "string");
  if (start === -1) return "the file";
  const indexes = path.slice(start + 1).map((index) => `[${index}]`);
  return `\`${oneLine(String(path[start]))}${indexes.join("")}\``;
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (typeof value === "string") return value.trim() === "" ? "empty" : `"${oneLine(value)}"`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "keys with values" : `a ${typeof value}`;
}

function alternatives(values: readonly string[]): string {
  const quoted = values.map((value) => `\`${value}\``);
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
}

/** @internal */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
