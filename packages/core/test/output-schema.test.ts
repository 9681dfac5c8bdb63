import { expect, test } from "vitest";
import { copyTask, schemaFault } from "../src/index.ts";
import { createFarmTask } from "../src/seed/index.ts";

test.each<[object]>([
  [{}],
  [{ type: ["string", "null"], maxLength: 3, pattern: "^a", description: "any", default: 1 }],
  [{ type: "array", items: false, prefixItems: [true, { type: "number" }], minItems: 1 }],
  [{ properties: { type: { type: "string" }, required: {} }, required: ["type"] }],
  [{ $ref: "#/$defs/a~1b", $defs: { "a/b": { anyOf: [{ const: 1 }, { $ref: "#" }] } } }],
  [{ patternProperties: { "^x": true }, propertyNames: { pattern: "x" }, not: {} }],
  [JSON.parse('{"properties":{"__proto__":{"type":"string"}}}')],
])("%j is a schema", (schema) => {
  expect(schemaFault(schema)).toBeNull();
});

test.each<[unknown, string, string]>([
  ["string", "", "must be a JSON Schema"],
  [null, "", "must be a JSON Schema"],
  [[], "", "must be a JSON Schema"],
  [{ type: "strng" }, "type", "must be one of string, number"],
  [{ type: [] }, "type", "must be one of string, number"],
  [{ properties: { a: { type: "text" } } }, "properties.a.type", "must be one of"],
  [{ properties: { a: 3 } }, "properties.a", "must be a JSON Schema"],
  [{ properties: [] }, "properties", "must be keys with schemas"],
  [{ required: "a" }, "required", "must be a list of keys"],
  [{ items: [{}] }, "items", "must be a JSON Schema"],
  [{ anyOf: [{}, { enum: [] }] }, "anyOf.1.enum", "must be a list that is not empty"],
  [{ anyOf: {} }, "anyOf", "must be a list of schemas"],
  [{ pattern: "(" }, "pattern", "must be a regular expression"],
  [{ patternProperties: { "(": {} } }, "patternProperties", 'and "(" is none'],
  [{ minimum: "1" }, "minimum", "must be a number"],
  [{ $ref: "#/$defs/none" }, "$ref", "must lead to a place in the same schema"],
  [{ $ref: "https://example.com/schema" }, "$ref", "must lead to a place in the same schema"],
])("%j is none, for its `%s`", (schema, path, message) => {
  const fault = schemaFault(schema);

  expect(fault?.path.join(".")).toBe(path);
  expect(fault?.message).toContain(message);
});

test("a schema that contains itself is refused and not followed for ever", () => {
  const schema: Record<string, unknown> = {};
  schema["not"] = schema;

  expect(schemaFault(schema)?.message).toBe("must not be nested so deeply");
});

test("a copy of a task shares no part of its schema", () => {
  const task = { ...createFarmTask("test", "d", "s"), outputSchema: { required: ["a"] } };

  expect(copyTask(task)).toEqual(task);
  expect(copyTask(task).outputSchema?.["required"]).not.toBe(task.outputSchema.required);
});
