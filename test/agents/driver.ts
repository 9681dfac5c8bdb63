/** An agent program as the tests of all of them see it: its adapter, and its words for what it is to do. */
import {
  type AskingProgramOptions,
  acp,
  type Backend,
  claudeCode,
  codex,
  gemini,
  openCode,
  qwen,
} from "mai-orchestration-agents";
import { type AgentProgramName, type FakeStep, fakeModelName } from "mai-orchestration-testkit";

/** What every program is put through. */
export const cases = [
  "a file is really written",
  "a permission that is refused is an issue of the result",
  "a command that is allowed runs",
  "cancelled in the midst of a tool's call, nothing is left",
  "an error of the service that passes is survived",
  "without a login the attempt ends so",
  "a request that the service refuses is not worth another try",
  "usage is exact to the token",
  "an answer as data fits its schema, or the attempt has failed",
  "a session is continued, and its usage is that of the attempt",
  "a session that is gone gives way to a new one",
] as const;

export type Case = (typeof cases)[number];

export interface Driver {
  readonly program: AgentProgramName;
  backend(options: AskingProgramOptions): Backend;
  write(path: string, content: string): FakeStep;
  shell(command: string): FakeStep;
  /** How its model answers with data. */
  data(value: Readonly<Record<string, unknown>>): readonly FakeStep[];
  /** Cases that the program or its protocol does not have, each with the reason. */
  readonly cannot: Readonly<Partial<Record<Case, string>>>;
  /** Whether it states tokens at all, and whether they are all it used. */
  readonly tokens: "exact" | "unknown" | "output";
}

/** For all that have no tool for it: the last message is the data. */
const asMessage = (value: Readonly<Record<string, unknown>>): readonly FakeStep[] => [
  { text: JSON.stringify(value) },
];

const claudeTools = {
  data: (input: Readonly<Record<string, unknown>>): readonly FakeStep[] => [
    { tool: "StructuredOutput", input },
    { text: "Done." },
  ],
  write: (path: string, content: string): FakeStep => ({
    tool: "Write",
    input: { file_path: path, content },
  }),
  shell: (command: string): FakeStep => ({ tool: "Bash", input: { command, description: "a command" } }),
};
const geminiTools = {
  data: asMessage,
  write: (path: string, content: string): FakeStep => ({
    tool: "write_file",
    input: { file_path: path, content },
  }),
  shell: (command: string): FakeStep => ({ tool: "run_shell_command", input: { command } }),
};
const qwenTools = {
  ...geminiTools,
  shell: (command: string): FakeStep => ({
    tool: "run_shell_command",
    input: { command, is_background: false },
  }),
};
const openCodeTools = {
  data: asMessage,
  write: (path: string, content: string): FakeStep => ({ tool: "write", input: { filePath: path, content } }),
  shell: (command: string): FakeStep => ({ tool: "bash", input: { command, description: "a command" } }),
};
const codexTools = {
  data: asMessage,
  write: (path: string, content: string): FakeStep => ({
    tool: "exec_command",
    input: { cmd: `printf '%s' '${content}' > '${path}'`, yield_time_ms: 10_000 },
  }),
  shell: (command: string): FakeStep => ({
    tool: "exec_command",
    input: { cmd: command, yield_time_ms: 30_000 },
  }),
};

const tellsNoStatus =
  "over ACP it says neither the status nor the kind of an error, so that only a telling text is understood";
const noAllow = "its sandbox confines commands; there is no list of them";

/** By the names that `npm run test:agents NAME` takes. */
export const drivers = {
  "claude-code": {
    program: "claude",
    backend: claudeCode,
    ...claudeTools,
    cannot: {},
    tokens: "exact",
  },
  codex: {
    program: "codex",
    backend: codex,
    ...codexTools,
    cannot: { "a command that is allowed runs": noAllow },
    tokens: "exact",
  },
  opencode: {
    program: "opencode",
    backend: openCode,
    ...openCodeTools,
    cannot: {},
    tokens: "exact",
  },
  gemini: { program: "gemini", backend: gemini, ...geminiTools, cannot: {}, tokens: "exact" },
  qwen: { program: "qwen", backend: qwen, ...qwenTools, cannot: {}, tokens: "exact" },
  "acp-gemini": {
    program: "gemini",
    backend: (options) => acp({ ...options, agent: "gemini" }),
    ...geminiTools,
    cannot: {
      "a session is continued, and its usage is that of the attempt":
        'over ACP it finds none of its sessions again ("No previous sessions found for this project")',
    },
    tokens: "output",
  },
  "acp-opencode": {
    program: "opencode",
    backend: (options) => acp({ ...options, agent: "opencode" }),
    ...openCodeTools,
    cannot: {
      "without a login the attempt ends so": tellsNoStatus,
      "a request that the service refuses is not worth another try": tellsNoStatus,
    },
    tokens: "unknown",
  },
  "acp-qwen": {
    program: "qwen",
    backend: (options) => acp({ ...options, agent: "qwen" }),
    ...qwenTools,
    cannot: {},
    tokens: "unknown",
  },
} as const satisfies Readonly<Record<string, Driver>>;

export type DriverName = keyof typeof drivers;

export function modelOf(driver: Driver): string | undefined {
  return fakeModelName[driver.program];
}
