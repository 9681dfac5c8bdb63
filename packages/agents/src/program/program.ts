/** What an adapter must say of an agent program that takes its prompt on stdin and prints one event a line. */
import type { Told } from "./told.ts";

/** One attempt, ready to be started. @internal */
export interface Launch {
  readonly command: readonly [file: string, ...args: string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Follows the program's lines. */
  fold(told: Told, line: string): Told;
  /** Completes what was told with what is known only after the end. */
  finish?(told: Told): Told;
}

/** What an attempt is set up from. @internal */
export interface LaunchOptions {
  /** A session to be continued; `null` for a new one. */
  readonly resume: string | null;
  /** A folder for files that the program is to read, gone after the attempt. */
  readonly folder: string;
  /** The environment that the program will see, ours included. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** @internal */
export interface Program {
  /** As people call it. */
  readonly name: string;
  readonly backend: string;
  readonly executable: string;
  readonly installCommand: string;
  /** What a person does to let it reach its model. */
  readonly loginRemedy: string;
  /** Variables for every attempt of this agent; a task's own come on top. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether it says what an attempt cost. */
  readonly statesCost: boolean;
  /** Our variables that it reads begin like this. */
  readonly prefixes: readonly string[];
  /** What its session ids look like; others are never passed on. */
  readonly session: RegExp;
  /** What it complains when a session to be continued is gone. */
  readonly sessionGone: RegExp;
  /** Milliseconds it may wait for its model without a word. */
  readonly patienceMs: number;
  launch(options: LaunchOptions): Launch;
}
