import { expect, test } from "vitest";
import { widthOf } from "../../src/cli/text/text.ts";
import { colourlessTheme } from "../../src/cli/text/theme.ts";
import { eventLine, jsonLine, describe as say } from "../../src/cli/watch/event-line.ts";
import { endedLine, frameLines } from "../../src/cli/watch/frame.ts";
import { liveRegion } from "../../src/cli/watch/live-region.ts";
import { remainingMs } from "../../src/cli/watch/remaining.ts";
import { approvalHint, newRunWatch, onlyWaitsFor, type RunWatch } from "../../src/cli/watch/run-watch.ts";
import { summaryLines } from "../../src/cli/watch/summary.ts";
import { watchEntry } from "../../src/cli/watch/watch-entry.ts";
import { answered, failed, freeUsage, type Scribe, scribe, startAt, started } from "../support/entries.ts";

function watchOf(from: Scribe): RunWatch {
  const watch = newRunWatch("run-x");
  for (const entry of from.entries) watchEntry(watch, entry);
  return watch;
}

function frame(
  watch: RunWatch,
  at: number,
  size: { columns?: number; rows?: number; notice?: string } = {},
): string[] {
  const { columns = 80, rows = 24, notice = null } = size;
  return frameLines(watch, { theme: colourlessTheme, columns, rows, now: startAt + at, notice });
}

/** `types` is being checked, `docs` runs with a message, `flaky` waits, `late` waits for `types`. */
function busy(): Scribe {
  const book = scribe();
  book.queue("types");
  book.queue("docs");
  book.queue("flaky");
  book.queue("late", { dependsOn: ["types"] });
  for (const id of ["types", "docs", "flaky"]) book.task(id, { type: "task.ready", serveDay: 0 });
  book.task("types", started());
  book.task("flaky", started());
  book.task("flaky", failed("connection refused"), 500);
  book.task("flaky", { type: "task.retried", attempt: 1, notBefore: startAt + 14_000, wait: "retry" }, 500);
  book.task("docs", started(1, "claude"), 1_000);
  book.task(
    "docs",
    {
      type: "attempt.progressed",
      attempt: 1,
      progress: 42,
      message: "reading\u001b[31m \nfiles",
      sessionId: null,
    },
    2_000,
  );
  book.task("types", answered(), 3_000);
  return book;
}

test("a frame shows what runs, where and since when, what waits and why, and the totals", () => {
  const lines = frame(watchOf(busy()), 63_000);

  expect(lines).toEqual([
    "",
    "⠋ types  bash     1:03  checking",
    "⠋ docs   claude   1:02  42%  reading  files",
    "↻ flaky  again in 0:00  connection refused",
    "◷ 1 waiting for others",
    "╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 0/4 done  1:03",
  ]);
});

test("a frame names the agent's cost so far, and that a part of it is unknown", () => {
  const book = busy();
  book.task("docs", answered({ ...freeUsage, costUsd: 0.25 }), 4_000);
  book.task("flaky", answered({ ...freeUsage, costUsd: null }, 1), 4_000);

  expect(frame(watchOf(book), 5_000).at(-1)).toContain("$0.25 + 1 unknown");
});

test.each([20, 33, 60, 200])("no line of a frame is wider than a terminal of %i columns", (columns) => {
  const book = busy();
  const long = "文字".repeat(40);
  book.queue(long);
  book.task(long, started(1, "an-agent-with-a-long-name"));

  for (const line of frame(watchOf(book), 5_000, {
    columns,
    notice: "Stopping, ending what runs (3); Ctrl-C again ends at once",
  })) {
    expect([line, widthOf(line) < columns]).toEqual([line, true]);
  }
});

test.each([4, 8, 24])(
  "a frame of a hundred running tasks fits a terminal of %i rows, and counts those it hides",
  (rows) => {
    const book = scribe();
    for (let i = 0; i < 100; i++) {
      book.queue(`t${i}`);
      book.task(`t${i}`, started());
    }

    const lines = frame(watchOf(book), 1_000, { rows });

    expect(lines.length).toBeLessThan(rows);
    const shown = lines.filter((line) => line.includes("bash")).length;
    expect(lines.join("\n")).toContain(`and ${100 - shown} more running`);
  },
);

test("when every task has ended and the run has not, the frame says what is still done", () => {
  const book = scribe();
  book.queue("a");
  book.task("a", started());
  book.task("a", { type: "task.succeeded", attempt: 1, verdict: "verified" }, 10);

  expect(frame(watchOf(book), 20).join("\n")).toContain("repeating the checks");
});

test("a failed check at the end of the run takes the verdict away, with its reason", () => {
  const book = scribe();
  book.queue("a");
  book.task("a", started());
  book.task("a", { type: "task.succeeded", attempt: 1, verdict: "verified" }, 10);
  const reason = "its check no longer passes";
  book.run(
    {
      type: "run.finished",
      verdict: "failed",
      results: [{ taskId: "a", status: "failure", verdict: "failed", attempts: 1, reason }],
    },
    20,
  );

  const watch = watchOf(book);

  expect(watch.verdicts).toMatchObject({ verified: 0, failed: 1 });
  expect(
    summaryLines(watch, { theme: colourlessTheme, columns: 80, now: startAt, inStore: "" }).join("\n"),
  ).toMatch(/✖ +a +failed .*no longer passes/);
});

test("what remains is unknown until enough is known, then work over slots, and never under the longest path", () => {
  const guessed = scribe();
  for (const id of ["a", "b", "c", "d", "e"]) guessed.queue(id);
  const ends = (id: string, at: number): void => {
    guessed.task(id, started(), at - 10_000);
    guessed.task(id, { type: "task.succeeded", attempt: 1, verdict: "unverified" }, at);
  };
  ends("a", 10_000);
  ends("b", 20_000);
  expect(remainingMs(watchOf(guessed), startAt + 20_000)).toBeNull();
  ends("c", 30_000);
  expect(remainingMs(watchOf(guessed), startAt + 30_000)).toBe(20_000);

  const estimated = scribe();
  for (const id of ["x", "y", "z"]) estimated.queue(id, { estimate: 30_000 });
  estimated.task("x", started());
  estimated.task("y", started());
  expect(remainingMs(watchOf(estimated), startAt)).toBe(45_000);
  expect(remainingMs(watchOf(estimated), startAt + 10_000)).toBe(35_000);
});

test("only a quota is waited for when nothing runs and nothing is ready", () => {
  const book = scribe();
  book.queue("a");
  book.queue("b", { dependsOn: ["a"] });
  book.task("a", { type: "task.ready", serveDay: 0 });
  expect(onlyWaitsFor(watchOf(book))).toEqual([]);
  book.task("a", started());
  book.task("a", { type: "task.retried", attempt: 1, notBefore: startAt, wait: "quota" });
  expect(onlyWaitsFor(watchOf(book))).toEqual(["a quota"]);
});

test("who waits for a person is named, with what to type, and shown until that is answered", () => {
  const book = scribe();
  book.queue("it's a");
  book.task("it's a", { type: "approval.requested", attempt: 0 });
  const waiting = watchOf(book);

  expect(onlyWaitsFor(waiting)).toEqual(["a person"]);
  const words = "'it'\\''s a' --run run-x --store /s";
  expect(approvalHint(waiting, " --store /s")).toBe(
    `A person is waited for: it's a. To answer: mai approve ${words}  or  mai reject ${words}`,
  );
  expect(frame(waiting, 1_000)).toContainEqual("◷ it's a  waits for a person  mai approve 'it'\\''s a'");

  book.task("it's a", { type: "approval.given", attempt: 0, by: "ann", via: "cli", note: "go" });
  book.task("it's a", { type: "task.ready", serveDay: 0 });
  expect(onlyWaitsFor(watchOf(book))).toEqual([]);
  expect(approvalHint(watchOf(book), "")).toBe("");
});

test("the line of an ended task holds its mark, verdict, time, attempts and reason", () => {
  const book = scribe();
  book.queue("a");
  book.task("a", started(2));
  book.task("a", failed("no\u0007 way", 2), 1_500);
  book.task("a", { type: "task.failed", attempt: 2, reason: "no\u0007 way" }, 1_500);
  const task = watchOf(book).tasks.get("a");

  expect(task && endedLine(task, colourlessTheme, 4, 80)).toBe(
    "✖ a     failed         1.5s  2 attempts  no  way",
  );
});

test("a watcher of ten thousand tasks takes a further event as fast as one of a hundred", () => {
  const cost = (tasks: number): number => {
    const book = scribe();
    for (let i = 0; i < tasks; i++) book.queue(`t${i}`);
    const watch = watchOf(book);
    const more = scribe();
    for (let i = 0; i < 100; i++) more.task(`t${i}`, started());
    const times = Array.from({ length: 30 }, () => {
      const from = performance.now();
      for (const entry of more.entries.slice(1)) watchEntry(watch, entry);
      frame(watch, 1_000);
      return performance.now() - from;
    });
    return Math.min(...times);
  };

  expect(cost(10_000)).toBeLessThan(cost(100) * 30 + 5);
});

test("a JSON line begins with what names the event", () => {
  const [entry] = scribe().entries;

  expect(entry && jsonLine(entry)).toMatch(
    /^\{"seq":1,"at":\d+,"type":"run.created","runId":"run-x","name":"hand-made"/,
  );
});

test("every event has words of its own", () => {
  const book = busy();
  const receipt = {
    command: "true",
    passed: true,
    exitCode: 0,
    outputDigest: "",
    outputTail: "",
    at: 0,
    durationMs: 5,
    tree: null,
    treeChanged: false,
  };
  book.task("types", { type: "check.passed", attempt: 1, receipt });
  book.task("types", { type: "check.failed", attempt: 1, receipt: { ...receipt, exitCode: null } });
  book.task("types", { type: "attempt.lost", attempt: 1, reason: "its engine died", counted: true });
  book.task("types", { type: "attempt.refused", attempt: 1, reason: "stale-attempt" });
  book.task("late", { type: "task.blocked", reason: "its dependency types failed" });
  book.task("late", { type: "task.cancel-requested", reason: "x" });
  book.task("late", { type: "task.cancelled", attempt: 0, reason: "x" });
  book.run({ type: "run.resumed", reused: 1, open: 2 });
  book.run({ type: "run.interrupted", reason: "SIGINT", resume: "mai resume run-x" });

  const texts = book.entries.map(say);

  expect(texts).toContain("check passed: true (5ms)");
  expect(texts).toContain("check failed: true (did not end in time)");
  expect(texts).toContain("queued after types");
  expect(texts).toContain("run stopped by a person (Ctrl-C); continue with: mai resume run-x");
  for (const text of texts) expect(text).not.toMatch(/undefined|null/);
});

test("the live region draws over what stands there, also after the terminal got narrower", () => {
  let text = "";
  const output = {
    write: (chunk: string | Uint8Array) => {
      text += String(chunk);
    },
    drained: async () => undefined,
    isTTY: true,
    columns: 20,
    rows: 10,
  };
  const region = liveRegion(output);
  region.draw(["0123456789012345", "second"]);
  output.columns = 10;
  text = "";

  region.draw(["changed"], ["scrolled away"]);

  expect(text).toContain("\u001b[3A");
  expect(text.indexOf("scrolled away")).toBeLessThan(text.indexOf("changed"));
  text = "";
  region.draw(["changed"]);
  expect(text).toBe("");
  region.close();
  expect(text).toContain("\u001b[?25h");
});

test("what a task says stands behind a bar in plain lines, and cannot be taken for a word of the engine", () => {
  const book = scribe();
  book.queue("a");
  book.task("a", started());
  const progress = { type: "attempt.progressed", attempt: 1, sessionId: null } as const;
  book.task("a", { ...progress, progress: null, message: "verified" });
  book.task("a", { ...progress, progress: 41.7, message: "x\n12:00:00  b  verified" });
  book.task("a", { ...progress, progress: null, message: null });

  const lines = book.entries.slice(-3).map((entry) => eventLine(entry, colourlessTheme, 1, 200).slice(10));

  expect(lines).toEqual(["a  | verified", "a  | 42% x 12:00:00  b  verified", "a  alive"]);
});
