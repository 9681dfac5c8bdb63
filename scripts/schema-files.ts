/** The published JSON Schemas, as they must stand in the repository. */

import { planSchema } from "mai-orchestration-core/plan";
import { configSchema } from "../packages/framework/src/config/fields.ts";

/** Texts by the URL of their file. */
export function schemaFiles(): ReadonlyMap<URL, string> {
  const folder = new URL("../packages/framework/schema/", import.meta.url);
  return new Map([
    [new URL("plan.schema.json", folder), `${JSON.stringify(planSchema, null, 2)}\n`],
    [new URL("config.schema.json", folder), `${JSON.stringify(configSchema, null, 2)}\n`],
  ]);
}
