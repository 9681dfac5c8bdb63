/** A configuration that is a program: its default export is the configuration. */
import { pathToFileURL } from "node:url";
import { MaiError, messageOf } from "mai-orchestration-core";

/**
 * Runs the file, once in the life of a process.
 *
 * @param source - its name as its reader knows it
 * @internal
 */
export async function importConfig(file: string, source: string): Promise<unknown> {
  const module = await load(file, source);
  if ("default" in module) return module["default"];
  throw new MaiError("config.invalid", `${source}: exports no default`, {
    hint: "Write: export default { agents: [...] };",
  });
}

async function load(file: string, source: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    const code: unknown = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
      throw new MaiError(
        "config.invalid",
        `${source}: this Node (${process.versions.node}) runs no TypeScript`,
        {
          hint: "Use Node 22.18 or newer, or Bun, or name the file mai.config.mjs and write JavaScript.",
          cause: error,
        },
      );
    }
    throw new MaiError("config.invalid", `${source}: cannot be run: ${messageOf(error)}`, {
      hint: "Mend it, or run it by itself to see where it fails.",
      cause: error,
    });
  }
}
