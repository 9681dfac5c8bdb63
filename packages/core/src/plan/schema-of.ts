/** A shape as JSON Schema (draft 2020-12), for editors and for those who write plans by program. */
import { durationPattern } from "../duration.ts";
import { largestInteger, type ObjectShape, type Shape, strangersTo, type Variants } from "./shape.ts";

/** A JSON Schema as plain data, ready for `JSON.stringify`. @public */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** The schema of a whole file. What no schema can say, the reader still refuses. @internal */
export function documentSchema(title: string, description: string, shape: ObjectShape): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    description,
    ...schemaOf(shape),
  };
}

function schemaOf(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case "text":
      return { type: "string", pattern: shape.pattern };
    case "duration":
      return { type: "string", pattern: durationPattern };
    case "integer":
      return { type: "integer", minimum: shape.least, maximum: largestInteger };
    case "dollars":
      return { type: "number", exclusiveMinimum: 0, maximum: largestInteger };
    case "amount":
      return { type: "number", exclusiveMinimum: 0, maximum: largestInteger };
    case "scalar":
      return { type: ["string", "number", "boolean"] };
    case "boolean":
      return { type: "boolean" };
    case "constant":
      return { const: shape.value };
    case "choice":
      return { enum: shape.values };
    case "list":
      return {
        type: "array",
        items: schemaOf(shape.of),
        ...(shape.least > 0 ? { minItems: shape.least } : {}),
      };
    case "schema":
      return { type: "object" };
    case "map":
      return {
        type: "object",
        propertyNames: { pattern: shape.keys.pattern },
        additionalProperties: schemaOf(shape.of),
      };
    case "object":
      return objectSchema(shape);
  }
}

function objectSchema(shape: ObjectShape): JsonSchema {
  const needed = shape.fields.filter((field) => field.required).map((field) => field.key);
  const schema: JsonSchema = {
    type: "object",
    additionalProperties: false,
    ...(needed.length > 0 ? { required: needed } : {}),
    properties: Object.fromEntries(
      shape.fields.map((field) => [field.key, { description: field.doc, ...schemaOf(field.shape) }]),
    ),
    ...(shape.variants === undefined ? {} : { allOf: variantSchemas(shape.variants) }),
  };
  const short = shape.fields.find((field) => field.key === shape.shorthand);
  return short === undefined ? schema : { anyOf: [schemaOf(short.shape), schema] };
}

function variantSchemas(variants: Variants): JsonSchema[] {
  const { by, takes } = variants;
  const rule = (condition: JsonSchema, value: string | null): JsonSchema => ({
    if: condition,
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: Object.fromEntries(strangersTo(variants, value).map((key) => [key, false])) },
  });
  return [
    rule({ not: { required: [by], properties: { [by]: true } } }, null),
    ...Object.keys(takes).map((value) =>
      rule({ required: [by], properties: { [by]: { const: value } } }, value),
    ),
  ];
}
