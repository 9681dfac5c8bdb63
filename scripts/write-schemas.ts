/** Writes the published JSON Schemas from the tables of keys that the readers use: run after changing one. */
import { writeFile } from "node:fs/promises";
import { schemaFiles } from "./schema-files.ts";

for (const [file, text] of schemaFiles()) await writeFile(file, text);
