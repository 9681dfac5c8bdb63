/** For each law journals that break it, once. */
import type { JournalEntry } from "mai-orchestration-core";
import {
  checkAlone,
  checkApprovals,
  checkAttempts,
  checkCaps,
  checkDependencies,
  checkEnds,
  checkLocks,
  checkOpened,
  checkParallel,
  checkVerdicts,
  checkWaits,
} from "../../src/index.ts";
import {
  answered,
  asked,
  checked,
  created,
  lost,
  queued,
  ready,
  refusedBy,
  started,
  succeeded,
  type Told,
} from "./journal.ts";

const opened = [created(), queued("a"), ready("a")] as const;
export const both = [created(), queued("a"), ready("a"), queued("b"), ready("b")] as const;
const retried: Told = ["a", { type: "task.retried", attempt: 1, notBefore: 90, wait: "retry" }];
export const failed: Told = [
  "a",
  {
    type: "attempt.failed",
    attempt: 1,
    reason: "boom",
    kind: "task",
    counted: true,
    answer: null,
    feedback: null,
  },
];

type Planted = readonly [
  what: string,
  check: (journal: readonly JournalEntry[]) => readonly string[],
  told: readonly Told[],
];

export const planted: readonly Planted[] = [
  ["an attempt that starts twice", checkAttempts, [...opened, started("a"), started("a")]],
  [
    "an attempt that starts again after it was lost",
    checkAttempts,
    [...opened, started("a"), lost("a"), started("a")],
  ],
  ["a gap between attempts", checkAttempts, [...opened, started("a"), lost("a"), started("a", 3)]],
  ["a task that was never queued", checkAttempts, [created(), started("a")]],
  [
    "an answer of an older attempt",
    checkAttempts,
    [...opened, started("a"), lost("a"), started("a", 2), answered("a")],
  ],
  [
    "an answer of an attempt that is over",
    checkAttempts,
    [...opened, started("a"), lost("a"), answered("a")],
  ],
  ["a second end", checkEnds, [...opened, started("a"), answered("a"), succeeded("a"), succeeded("a")]],
  [
    "a start after the end",
    checkEnds,
    [...opened, started("a"), answered("a"), succeeded("a"), started("a", 2)],
  ],
  ["a task that is queued twice", checkEnds, [...opened, queued("a")]],
  [
    "a start before a dependency ended",
    checkDependencies,
    [...both.slice(0, 3), queued("b", { dependsOn: ["a"] }), started("b")],
  ],
  [
    "a start after a dependency failed",
    checkDependencies,
    [
      ...opened,
      ["a", { type: "task.failed", attempt: 0, reason: "" }],
      queued("b", { dependsOn: ["a"] }),
      started("b"),
    ],
  ],
  ["a task without dependencies that never became ready", checkOpened, [created(), queued("a")]],
  [
    "a task whose dependency succeeded and that never became ready",
    checkOpened,
    [queued("b", { dependsOn: ["a"] }), ...opened, started("a"), answered("a"), succeeded("a")],
  ],
  [
    "a task whose dependency failed and that still waits for another",
    checkOpened,
    [...both, queued("c", { dependsOn: ["a", "b"] }), ["a", { type: "task.failed", attempt: 0, reason: "" }]],
  ],
  [
    "a start before its time",
    checkWaits,
    [...opened, started("a"), failed, retried, ready("a"), started("a", 2)],
  ],
  [
    "a start without the yes that it waits for",
    checkApprovals,
    [created(), queued("a", { approval: "before" }), asked("a", 0), started("a")],
  ],
  [
    "a start after a no",
    checkApprovals,
    [created(), queued("a", { approval: "before" }), asked("a", 0), refusedBy("a", 0), started("a")],
  ],
  [
    "a success without the yes that it waits for",
    checkApprovals,
    [
      created(),
      queued("a", { approval: "after" }),
      ready("a"),
      started("a"),
      answered("a"),
      asked("a", 1),
      succeeded("a"),
    ],
  ],
  ["an answer that nobody asked for", checkApprovals, [...opened, refusedBy("a", 0)]],
  ["a question that the task does not ask", checkApprovals, [...opened, asked("a", 0)]],
  ["a success without an answer", checkVerdicts, [...opened, started("a"), succeeded("a")]],
  [
    "a success after the answer of an older attempt",
    checkVerdicts,
    [...opened, started("a"), answered("a"), lost("a"), started("a", 2), succeeded("a", 2)],
  ],
  [
    "a verdict without a check",
    checkVerdicts,
    [...opened, started("a"), answered("a"), succeeded("a", 1, "verified")],
  ],
  [
    "a verdict before the check",
    checkVerdicts,
    [
      created(),
      queued("a", { verify: [{ command: "x" }] }),
      started("a"),
      answered("a"),
      succeeded("a", 1, "verified"),
    ],
  ],
  [
    "a check before the answer",
    checkVerdicts,
    [
      created(),
      queued("a", { verify: [{ command: "x" }] }),
      started("a"),
      checked("a", "x"),
      answered("a"),
      succeeded("a", 1, "verified"),
    ],
  ],
  [
    "a success after a failed check",
    checkVerdicts,
    [
      created(),
      queued("a", { verify: [{ command: "x" }] }),
      started("a"),
      answered("a"),
      checked("a", "x", false),
      checked("a", "x"),
      succeeded("a", 1, "verified"),
    ],
  ],
  [
    "two tasks with one lock",
    checkLocks,
    [
      created(),
      queued("a", { locks: ["l"] }),
      queued("b", { locks: ["m", "l"] }),
      started("a"),
      started("b"),
    ],
  ],
  [
    "more of a run than its parallel",
    checkParallel,
    [created(1), queued("a"), queued("b"), started("a"), started("b")],
  ],
  [
    "more of an agent than its slots",
    (journal) => checkCaps(journal, new Map([["agent", 1]])),
    [...both, started("a"), started("b")],
  ],
  [
    "a neighbour of a task that must run alone",
    checkAlone,
    [
      created(),
      queued("a", { retry: { maxLost: 1 } }),
      queued("b"),
      started("a"),
      lost("a"),
      started("a", 2),
      started("b"),
    ],
  ],
  [
    "a task that must run alone and starts beside another",
    checkAlone,
    [
      created(),
      queued("a", { retry: { maxLost: 1 } }),
      queued("b"),
      started("a"),
      lost("a"),
      started("b"),
      started("a", 2),
    ],
  ],
];
