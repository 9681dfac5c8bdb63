/** What `allow` and the profile `bash` are in Gemini CLI's policy engine. Pure. */
import { accessOf, type ResolvedOptions } from "../program/options.ts";

const shell = "run_shell_command";

/** A policy file; `null` when the approval mode says all there is to say. @internal */
export function policyOf(options: ResolvedOptions): string | null {
  const access = accessOf(options);
  if (access.everything) return null;
  const rules = [
    ...(access.reads ? [] : [rule({ toolName: "*", decision: "deny", priority: 800 })]),
    ...(access.shell === "all"
      ? [rule({ toolName: shell, decision: "allow", priority: 900, allowRedirection: true })]
      : options.allow.map((pattern) =>
          rule({ toolName: shell, commandRegex: commandRegex(pattern), decision: "allow", priority: 900 }),
        )),
  ];
  return rules.length === 0 ? null : rules.join("\n");
}

/** Every JSON string, number and boolean is one of TOML too. */
function rule(fields: Readonly<Record<string, string | number | boolean>>): string {
  const lines = Object.entries(fields).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return ["[[rule]]", ...lines, ""].join("\n");
}

/**
 * Matches the command as it stands in the JSON of the tool's arguments, to its
 * closing quote; `*` stands for anything on the same line. The group is a
 * capturing one because Gemini CLI takes the `?` of another for a quantifier
 * in a quantifier, and refuses the rule.
 *
 * @internal
 */
export function commandRegex(pattern: string): string {
  const parts = pattern.split("*").map((part) => escapeRegex(JSON.stringify(part).slice(1, -1)));
  return `${parts.join(String.raw`([^"\\]|\\["\\])*`)}"`;
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
