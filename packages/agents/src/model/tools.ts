/** The tools that a model is offered, as far as its profile and permissions go. */
import type { JSONSchema7, Schema, ToolSet } from "ai";
import type { Desk } from "./desk.ts";
import { editFileText, listFolder, readFileText, searchText, writeFileText } from "./file-tools.ts";
import type { Sdk } from "./load-model.ts";
import type { ResolvedModelOptions } from "./options.ts";

/** @internal */
export function toolsFor(
  sdk: Sdk,
  desk: Desk,
  options: ResolvedModelOptions,
  { workspace, signal }: { readonly workspace: string; readonly signal: AbortSignal },
): ToolSet {
  const { profile, permissions } = options;
  const mayWrite = profile === "general-purpose" && permissions !== "read-only";
  const files = { ...readers(sdk, desk, workspace, signal), ...(mayWrite && writers(sdk, desk, workspace)) };
  return { ...(profile !== "bash" && files), ...(mayRun(options) && { run_command: runner(sdk, desk) }) };
}

/** One that nothing could ever allow is not offered. */
function mayRun({ permissions, allow, onPermission }: ResolvedModelOptions): boolean {
  return permissions === "full" || allow.length > 0 || onPermission !== null;
}

function readers(sdk: Sdk, desk: Desk, workspace: string, signal: AbortSignal): ToolSet {
  return {
    read_file: sdk.tool({
      description: "Reads a text file of the workspace, with line numbers.",
      inputSchema: input<{ path: string; from?: number }>(
        sdk,
        {
          path: text("The file, from the workspace."),
          from: { type: "integer", minimum: 1, description: "The first line to read; 1 when left out." },
        },
        ["from"],
      ),
      execute: ({ path, from }) => desk.use("read_file", path, () => readFileText(workspace, path, from)),
    }),
    list_folder: sdk.tool({
      description: "Lists the entries of a folder of the workspace.",
      inputSchema: input<{ path: string }>(sdk, {
        path: text("The folder, from the workspace; `.` is itself."),
      }),
      execute: ({ path }) => desk.use("list_folder", path, () => listFolder(workspace, path)),
    }),
    search_text: sdk.tool({
      description: "Finds the lines that contain a text, exactly as written, in all files of a folder.",
      inputSchema: input<{ text: string; path?: string }>(
        sdk,
        {
          text: text("What to look for. No pattern."),
          path: text("The folder; the workspace when left out."),
        },
        ["path"],
      ),
      execute: ({ text: wanted, path }) =>
        desk.use("search_text", wanted, () => searchText(workspace, wanted, path ?? ".", signal)),
    }),
  };
}

function writers(sdk: Sdk, desk: Desk, workspace: string): ToolSet {
  const wrote = (file: string): string => {
    desk.wrote(file);
    return `${file} is written`;
  };
  return {
    write_file: sdk.tool({
      description: "Writes a whole text file in the workspace; what it held before is gone.",
      inputSchema: input<{ path: string; content: string }>(sdk, {
        path: text("The file, from the workspace."),
        content: text("All that it is to hold."),
      }),
      execute: ({ path, content }) =>
        desk.use("write_file", path, async () => wrote(await writeFileText(workspace, path, content))),
    }),
    edit_file: sdk.tool({
      description: "Replaces a text that stands in a file exactly once.",
      inputSchema: input<{ path: string; old: string; new: string }>(sdk, {
        path: text("The file, from the workspace."),
        old: text("What stands there, with enough around it to be the only such place."),
        new: text("What is to stand there."),
      }),
      execute: ({ path, old, new: fresh }) =>
        desk.use("edit_file", path, async () => wrote(await editFileText(workspace, path, old, fresh))),
    }),
  };
}

function runner(sdk: Sdk, desk: Desk): ToolSet[string] {
  return sdk.tool({
    description:
      "Runs a shell command in the workspace, and tells the end of what it printed and its exit code.",
    inputSchema: input<{ command: string }>(sdk, { command: text("The command, for `sh -c`.") }),
    execute: ({ command }) => desk.use("run_command", command, () => desk.run(command)),
  });
}

type Property = Readonly<Record<string, unknown>>;

function text(description: string): Property {
  return { type: "string", description };
}

/** An object with these properties; all must be given that are not named in `optional`. */
function input<T>(
  sdk: Sdk,
  properties: Readonly<Record<string, Property>>,
  optional: readonly string[] = [],
): Schema<T> {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return sdk.jsonSchema<T>({
    type: "object",
    properties,
    required,
    additionalProperties: false,
  } as JSONSchema7);
}
