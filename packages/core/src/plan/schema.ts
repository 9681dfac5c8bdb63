/** The published schema of the plan file. */
import { planShape } from "./fields.ts";
import { documentSchema, type JsonSchema } from "./schema-of.ts";

/**
 * The JSON Schema (draft 2020-12) of a plan. A plan that it refuses is refused
 * by {@link readPlan}; that one also sees what no schema can say: unknown and
 * circular dependencies, ids used twice, a `cwd` outside the root, durations of
 * more than a year.
 *
 * @public
 */
export const planSchema: JsonSchema = documentSchema(
  "mai plan",
  "Tasks for agents, their dependencies and defaults.",
  planShape,
);
