/** What an agent that asks is answered. */
import { realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { PermissionOption, ToolCallUpdate } from "@agentclientprotocol/sdk";
import { recordOf, textOf } from "../claude-code/json.ts";
import { accessOf, type ResolvedOptions } from "../program/options.ts";
import { oneLine } from "../text.ts";

/** Whether a call may be made under the agent's permissions. What is not understood may not. @internal */
export function mayCall(options: ResolvedOptions, call: ToolCallUpdate, workspace: string): boolean {
  const access = accessOf(options);
  if (access.everything) return true;
  switch (call.kind) {
    case "read":
    case "search":
    case "think":
    case "fetch":
      return access.reads;
    case "edit":
    case "delete":
    case "move": {
      const paths = (call.locations ?? []).map(({ path }) => path);
      return access.edits && paths.length > 0 && paths.every((path) => isInside(workspace, path));
    }
    case "execute":
      return access.shell === "all" || isListed(options.allow, commandOf(call));
    default:
      return false;
  }
}

/** The option that says so for this one call; `null` when the agent offers none. @internal */
export function optionFor(options: readonly PermissionOption[], may: boolean): string | null {
  const wanted = may ? ["allow_once", "allow_always"] : ["reject_once", "reject_always"];
  const found = wanted.flatMap((kind) => options.find((option) => option.kind === kind) ?? []);
  return found[0]?.optionId ?? null;
}

/** A call in a few words. @internal */
export function describeCall(call: ToolCallUpdate): string {
  const what = call.kind === "execute" ? (commandOf(call) ?? call.title) : call.title;
  return `${call.kind ?? call.name ?? "a tool"} (${oneLine(what ?? call.toolCallId, 160)})`;
}

function commandOf(call: ToolCallUpdate): string | null {
  const command = recordOf(call.rawInput)?.["command"];
  // A shell with its command: `bash -lc "npm test"`.
  if (Array.isArray(command)) return textOf(command.at(-1));
  return textOf(command) ?? textOf(call.title);
}

/** `*` stands for anything that neither begins another command nor redirects. @internal */
export function isListed(allow: readonly string[], command: string | null): boolean {
  if (command === null) return false;
  return allow.some((pattern) => {
    const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join("[^;&|<>`$()\\\\\\r\\n]*")}$`).test(command.trim());
  });
}

/** Also when it, or a folder on the way, is a link. */
function isInside(workspace: string, path: string): boolean {
  const inside = relative(realOf(workspace), realOf(resolve(workspace, path)));
  return inside === "" || !(inside.startsWith("..") || isAbsolute(inside));
}

/** The path without links, as far as it exists. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realOf(parent), basename(path));
  }
}
