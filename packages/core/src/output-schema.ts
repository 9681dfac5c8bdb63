/** JSON Schemas that say what a task's answer must hold: plain data, checked as far as that goes without any value. */

/** A JSON Schema (draft 2020-12) as plain data. @public */
export type OutputSchema = Record<string, unknown>;

/** What is wrong with a schema, and where in it. @public */
export interface SchemaFault {
  readonly path: readonly (string | number)[];
  /** Without the place: `must be ...`. */
  readonly message: string;
}

const types: readonly unknown[] = ["string", "number", "integer", "boolean", "object", "array", "null"];
const keywordsOfSchemas = ["properties", "patternProperties", "$defs", "dependentSchemas"];
const keywordsOfLists = ["anyOf", "oneOf", "allOf", "prefixItems"];
const keywordsOfOne = [
  ...["items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"],
  ...["unevaluatedProperties", "unevaluatedItems"],
];
const keywordsOfNumbers = [
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"],
  ...["minItems", "maxItems", "minContains", "maxContains", "minProperties", "maxProperties"],
];
/** Deeper ones are refused, so that one that contains itself is. */
const deepest = 64;

/** The first fault of a schema; `null` when it has none. Only references inside itself (`#/...`) are good. @public */
export function schemaFault(schema: unknown): SchemaFault | null {
  if (!isRecord(schema)) return { path: [], message: "must be a JSON Schema: keys with values" };
  return faultIn(schema, [], schema);
}

type Path = SchemaFault["path"];

function faultIn(schema: unknown, path: Path, root: OutputSchema): SchemaFault | null {
  if (typeof schema === "boolean") return null;
  if (!isRecord(schema)) return { path, message: "must be a JSON Schema: keys with values" };
  if (path.length > deepest) return { path, message: "must not be nested so deeply" };
  for (const [keyword, value] of Object.entries(schema)) {
    const here = [...path, keyword];
    const message = messageFor(keyword, value, root);
    if (message !== null) return { path: here, message };
    const fault = faultOfPart(keyword, value, here, root);
    if (fault !== null) return fault;
  }
  return null;
}

function messageFor(keyword: string, value: unknown, root: OutputSchema): string | null {
  const isTexts = Array.isArray(value) && value.every((item) => typeof item === "string");
  switch (keyword) {
    case "type":
      return (Array.isArray(value) ? value.length > 0 && value.every(isType) : isType(value))
        ? null
        : `must be one of ${types.join(", ")}, or a list of them`;
    case "required":
      return isTexts ? null : "must be a list of keys";
    case "enum":
      return Array.isArray(value) && value.length > 0 ? null : "must be a list that is not empty";
    case "pattern":
      return typeof value === "string" && isPattern(value) ? null : "must be a regular expression";
    case "patternProperties": {
      const bad = isRecord(value) ? Object.keys(value).find((pattern) => !isPattern(pattern)) : undefined;
      return bad === undefined ? null : `must have regular expressions as keys, and "${bad}" is none`;
    }
    case "$ref":
      return typeof value === "string" && leadsSomewhere(value, root)
        ? null
        : "must lead to a place in the same schema, such as `#/$defs/name`";
    default:
      return keywordsOfNumbers.includes(keyword) && !(typeof value === "number" && Number.isFinite(value))
        ? "must be a number"
        : null;
  }
}

function faultOfPart(keyword: string, value: unknown, path: Path, root: OutputSchema): SchemaFault | null {
  if (keywordsOfOne.includes(keyword)) return faultIn(value, path, root);
  const isMap = keywordsOfSchemas.includes(keyword);
  if (!isMap && !keywordsOfLists.includes(keyword)) return null;
  if (isMap ? !isRecord(value) : !Array.isArray(value))
    return { path, message: isMap ? "must be keys with schemas" : "must be a list of schemas" };
  for (const [key, part] of Object.entries(value as OutputSchema)) {
    const fault = faultIn(part, [...path, isMap ? key : Number(key)], root);
    if (fault !== null) return fault;
  }
  return null;
}

function isType(value: unknown): boolean {
  return types.includes(value);
}

function isPattern(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

function leadsSomewhere(reference: string, root: OutputSchema): boolean {
  if (!/^#(\/|$)/.test(reference)) return false;
  let at: unknown = root;
  for (const part of reference.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!(isRecord(at) || Array.isArray(at)) || !Object.hasOwn(at, key)) return false;
    at = (at as OutputSchema)[key];
  }
  return isRecord(at) || typeof at === "boolean";
}

function isRecord(value: unknown): value is OutputSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
