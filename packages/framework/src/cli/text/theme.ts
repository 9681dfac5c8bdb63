/** Colours and marks, or plain text where those do not belong. */
import { styleText } from "node:util";
import type { TaskPhase, Verdict } from "mai-orchestration-core";
import type { CommandIo, Output } from "../io.ts";

/** @internal */
export type Paint = (text: string) => string;

/** @internal */
export interface Theme {
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
  readonly dim: Paint;
  readonly bold: Paint;
  readonly accent: Paint;
  readonly marks: Marks;
}

interface Marks {
  readonly verdicts: Readonly<Record<Verdict, string>>;
  readonly run: string;
  readonly again: string;
  readonly wait: string;
  readonly spinner: readonly string[];
  readonly full: string;
  readonly empty: string;
}

// Verified and unverified differ without colours, too: only one of them was proven.
const unicode: Marks = {
  verdicts: { verified: "✔", unverified: "○", failed: "✖", blocked: "⊘", cancelled: "◼" },
  run: "▶",
  again: "↻",
  wait: "◷",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
  full: "━",
  empty: "╌",
};

const ascii: Marks = {
  verdicts: { verified: "+", unverified: "?", failed: "x", blocked: "-", cancelled: "o" },
  run: ">",
  again: "~",
  wait: ".",
  spinner: ["|", "/", "-", "\\"],
  full: "#",
  empty: ".",
};

const same: Paint = (text) => text;

/** For tests of what a capable terminal shows, its colours aside. @internal */
export const colourlessTheme: Theme = themeOf(false, unicode);

function themeOf(colours: boolean, marks: Marks): Theme {
  const paint = (format: Parameters<typeof styleText>[0]): Paint =>
    // Whether the stream takes colours was decided by who asks.
    colours ? (text) => (text === "" ? "" : styleText(format, text, { validateStream: false })) : same;
  return {
    good: paint("green"),
    bad: paint("red"),
    warn: paint("yellow"),
    dim: paint("dim"),
    bold: paint("bold"),
    accent: paint("cyan"),
    marks,
  };
}

/** The theme for what is written to `output`. @internal */
export function themeFor(output: Output, env: CommandIo["env"]): Theme {
  const forced = env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "0";
  const refused = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  const colours = forced || (output.isTTY && !refused);
  const glyphs = output.isTTY && env["TERM"] !== "linux" && env["TERM"] !== "dumb";
  return themeOf(colours, glyphs ? unicode : ascii);
}

/** The colour of an end. @internal */
export function paintOf(theme: Theme, verdict: Verdict): Paint {
  switch (verdict) {
    case "verified":
      return theme.good;
    case "unverified":
      return theme.accent;
    case "failed":
      return theme.bad;
    case "blocked":
    case "cancelled":
      return theme.warn;
  }
}

/** The mark of where a task stands, and its colour. @internal */
export function markOf(theme: Theme, phase: TaskPhase, verdict: Verdict | null): readonly [string, Paint] {
  if (verdict !== null) return [theme.marks.verdicts[verdict], paintOf(theme, verdict)];
  switch (phase) {
    case "running":
    case "verifying":
    case "cancelling":
      return [theme.marks.run, theme.accent];
    case "retry-wait":
    case "quota-wait":
      return [theme.marks.again, theme.warn];
    case "approval-wait":
      return [theme.marks.wait, theme.warn];
    default:
      return [theme.marks.wait, theme.dim];
  }
}
