/** What permissions, `allow` and profiles become for each program. */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { ToolCallUpdate } from "@agentclientprotocol/sdk";
import { describe, expect, test } from "vitest";
import { isListed, mayCall, optionFor } from "../src/acp/permission.ts";
import { commandRegex, policyOf } from "../src/gemini/policy.ts";
import { acp, codex, gemini, openCode, qwen } from "../src/index.ts";
import { openCodePermission } from "../src/opencode/opencode.ts";
import { type AskingProgramOptions, resolveOptions } from "../src/program/options.ts";
import { temporaryFolder } from "./helpers.ts";

const resolve = (options: AskingProgramOptions): ReturnType<typeof resolveOptions> =>
  resolveOptions("Test", "test", options);

describe("ACP", () => {
  const workspace = temporaryFolder;
  const edit = (path: string): ToolCallUpdate => ({ toolCallId: "1", kind: "edit", locations: [{ path }] });
  const run = (command: string): ToolCallUpdate => ({
    toolCallId: "1",
    kind: "execute",
    rawInput: { command },
  });

  test("edits are for the inside of the workspace, whatever links say", () => {
    const folder = workspace();
    const outside = workspace();
    mkdirSync(join(folder, "inside"));
    symlinkSync(outside, join(folder, "link"));
    const options = resolve({});
    expect(mayCall(options, edit(join(folder, "inside", "new", "a.txt")), folder)).toBe(true);
    expect(mayCall(options, edit("inside/a.txt"), folder)).toBe(true);
    for (const path of [join(outside, "a"), "../a", "link/a", "/etc/passwd"])
      expect(mayCall(options, edit(path), folder), path).toBe(false);
    expect(mayCall(options, { toolCallId: "1", kind: "edit" }, folder)).toBe(false);
    expect(mayCall(resolve({ permissions: "read-only" }), edit("inside/a.txt"), folder)).toBe(false);
  });

  test("commands are those that are listed, or all", () => {
    const options = resolve({ allow: ["npm test"] });
    expect(mayCall(options, run("npm test"), "/")).toBe(true);
    expect(mayCall(options, run("npm publish"), "/")).toBe(false);
    expect(mayCall(resolve({}), run("npm test"), "/")).toBe(false);
    expect(mayCall(resolve({ permissions: "full", profile: "bash" }), run("rm x"), "/")).toBe(true);
    const wrapped = {
      toolCallId: "1",
      kind: "execute",
      rawInput: { command: ["bash", "-lc", "npm test"] },
    } as const;
    expect(mayCall(options, wrapped, "/")).toBe(true);
  });

  test.each([
    "git diff; rm x",
    "git diff $(rm x)",
    "git diff `rm x`",
    "git diff\nrm x",
    "git diff > x",
    "git diff || rm x",
  ])("a pattern does not reach over %j", (command) => {
    expect(isListed(["git diff*"], command)).toBe(false);
    expect(isListed(["git diff*"], "git diff --stat a.b")).toBe(true);
  });

  test("what is not understood may not, unless everything may", () => {
    const odd = { toolCallId: "1", kind: "other" } as const;
    expect(mayCall(resolve({}), odd, "/")).toBe(false);
    expect(mayCall(resolve({ permissions: "full" }), odd, "/")).toBe(true);
    expect(mayCall(resolve({ profile: "bash" }), { toolCallId: "1", kind: "read" }, "/")).toBe(false);
  });

  test("one call is allowed before all of its kind are, and nothing is chosen that was not offered", () => {
    const all = { optionId: "a", name: "", kind: "allow_always" } as const;
    const one = { optionId: "b", name: "", kind: "allow_once" } as const;
    expect(optionFor([all, one], true)).toBe("b");
    expect(optionFor([all, one], false)).toBeNull();
  });
});

describe("Gemini CLI", () => {
  const matches = (pattern: string, command: string): boolean =>
    new RegExp(`"command":"${commandRegex(pattern)}`).test(JSON.stringify({ command, description: "d" }));

  test("a pattern is the whole command", () => {
    expect(matches("npm test", "npm test")).toBe(true);
    expect(matches("npm test", "npm test && rm x")).toBe(false);
    expect(matches("git commit *", 'git commit -m "a (b)"')).toBe(true);
    expect(matches("git diff *", "git diff a\nrm x")).toBe(false);
    expect(matches("a.b", "aXb")).toBe(false);
  });

  test("a policy is written only where the mode does not say all", () => {
    expect(policyOf(resolve({}))).toBeNull();
    expect(policyOf(resolve({ permissions: "full" }))).toBeNull();
    expect(policyOf(resolve({ allow: ["npm test"] }))).toContain('commandRegex = "npm test\\""');
    expect(policyOf(resolve({ profile: "bash", permissions: "full" }))).toMatch(
      /toolName = "\*"\ndecision = "deny"/,
    );
  });
});

test("OpenCode's permissions deny what nothing allows", () => {
  expect(openCodePermission(resolve({ permissions: "full" }))).toEqual({ "*": "allow" });
  expect(openCodePermission(resolve({ allow: ["npm test"] }))).toMatchObject({
    "*": "deny",
    edit: "allow",
    external_directory: "deny",
    bash: { "*": "deny", "npm test": "allow" },
  });
  expect(openCodePermission(resolve({ profile: "explore" }))).not.toHaveProperty("edit");
  expect(openCodePermission(resolve({ profile: "bash", permissions: "full" }))).toEqual({
    "*": "deny",
    external_directory: "deny",
    bash: "allow",
  });
});

test.each([
  ["a model that is none", () => gemini({ model: "--yolo" })],
  ["permissions that are none", () => openCode({ permissions: "all" as "full" })],
  ["a command over two lines", () => openCode({ allow: ["a\nb"] })],
  ["an allow list for Codex", () => codex({ allow: ["npm test"] } as object)],
  [
    "a setting of Codex that permissions decide",
    () => codex({ config: { sandbox_mode: "danger-full-access" } }),
  ],
  ["a setting that is none", () => codex({ config: { "a b": 1 } })],
  ["a comma in a command for Qwen", () => qwen({ allow: ["a,b"] })],
  ["turns that are none", () => qwen({ maxTurns: 0 })],
  ["no patience", () => qwen({ patience: 0 })],
  ["neither agent nor command", () => acp({})],
  ["both agent and command", () => acp({ agent: "gemini", command: ["x"] })],
  ["an unknown agent", () => acp({ agent: "nobody" as "gemini" })],
])("%s is refused", (_, make) => {
  expect(make).toThrow(expect.objectContaining({ code: "agent.invalid" }));
});
