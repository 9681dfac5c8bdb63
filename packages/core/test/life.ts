/** Lives of tasks for the tests: one led by hand, and any at all by chance. */
import fc from "fast-check";
import {
  type Answer,
  type Decision,
  decide,
  evolve,
  type FailureKind,
  type FarmTask,
  newTaskState,
  noUsage,
  type Receipt,
  type TaskCommand,
  type TaskEvent,
  type TaskState,
} from "../src/index.ts";

/** A task with nothing but what a task must have. */
export function taskOf(changes: Partial<FarmTask> = {}): FarmTask {
  return {
    taskId: "t",
    type: "test",
    description: "Do it",
    context: [],
    constraints: [],
    successCriteria: "It is done",
    ...changes,
  };
}

export function answerOf(changes: Partial<Answer> = {}): Answer {
  return {
    output: "done",
    outputFile: null,
    artifacts: [],
    issues: [],
    sessionId: null,
    usage: noUsage,
    durationMs: 1,
    sharedWorkspace: false,
    ...changes,
  };
}

export function receiptOf(command: string, passed: boolean): Receipt {
  return {
    command,
    passed,
    exitCode: passed ? 0 : 1,
    outputDigest: "sha256:00",
    outputTail: "",
    at: 0,
    durationMs: 1,
    tree: null,
    treeChanged: false,
  };
}

export function failureOf(
  attempt: number,
  changes: Partial<TaskCommand & { type: "fail" }> = {},
): TaskCommand {
  return {
    type: "fail",
    attempt,
    reason: "boom",
    kind: "task",
    answer: null,
    feedback: null,
    retryAt: null,
    ...changes,
  };
}

export function claimOf(maxAttempts = 1): TaskCommand {
  return { type: "claim", agentId: "a", workerId: "w", maxAttempts };
}

/** The state before anything happened to a task. */
export function submitted(task: FarmTask): TaskState {
  return newTaskState("run-1", 1, { type: "task.queued", task, behindMs: 0 });
}

/** Leads one task through its life; a command it refuses fails the test. */
export function leads(task: FarmTask): {
  state(): TaskState;
  events(): readonly TaskEvent[];
  does(now: number, ...commands: TaskCommand[]): void;
  asks(now: number, command: TaskCommand): Decision;
} {
  let state = submitted(task);
  const events: TaskEvent[] = [];
  return {
    state: () => state,
    events: () => events,
    asks: (now, command) => decide(state, command, now),
    does(now, ...commands): void {
      for (const command of commands) {
        const decision = decide(state, command, now);
        if (!decision.ok)
          throw new Error(`${command.type} was refused in ${state.phase}: ${decision.refusal}`);
        for (const event of decision.events) {
          events.push(event);
          state = evolve(state, event, now);
        }
      }
    },
  };
}

const kinds: readonly FailureKind[] = [
  "task",
  "check",
  "timeout",
  "transient",
  "permanent",
  "quota",
  "login",
];

/** Any task as far as the rules of its life look at it. */
export const anyTask: fc.Arbitrary<FarmTask> = fc
  .record(
    {
      priority: fc.constantFrom("high", "normal", "low"),
      approval: fc.constantFrom("before", "after"),
      verify: fc.subarray([{ command: "A" }, { command: "B" }]),
      retry: fc.record(
        { maxAttempts: fc.integer({ min: 1, max: 4 }), maxLost: fc.nat(3), backoff: fc.nat(5_000) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  )
  .map(taskOf);

const anyUsage = fc.record({
  inputTokens: fc.option(fc.nat(1_000)),
  outputTokens: fc.option(fc.nat(1_000)),
  cacheReadTokens: fc.option(fc.nat(1_000)),
  cacheWriteTokens: fc.option(fc.nat(1_000)),
  costUsd: fc.option(fc.nat(10)),
});

const anyAnswer: fc.Arbitrary<Answer> = fc.record({
  output: fc.string(),
  outputFile: fc.option(fc.constant("o.log")),
  artifacts: fc.array(fc.string(), { maxLength: 2 }),
  issues: fc.array(fc.string(), { maxLength: 2 }),
  sessionId: fc.option(fc.constantFrom("s1", "s2")),
  usage: anyUsage,
  durationMs: fc.nat(1_000),
  sharedWorkspace: fc.boolean(),
});

/** How far from the newest attempt: mostly it, sometimes an older one, rarely one that never was. */
const anyOffset = fc.oneof(
  { weight: 8, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: -3, max: -1 }) },
  { weight: 1, arbitrary: fc.constant(1) },
);

const anyCommand: fc.Arbitrary<TaskCommand> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ type: fc.constant("release" as const), open: fc.constantFrom(0, 0, 1) }),
  },
  { weight: 1, arbitrary: fc.constant<TaskCommand>({ type: "block", reason: "its dependency d failed" }) },
  { weight: 6, arbitrary: fc.constant<TaskCommand>({ type: "wake" }) },
  { weight: 12, arbitrary: fc.constantFrom(1, 2, 3).map(claimOf) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("progress" as const),
      attempt: anyOffset,
      progress: fc.option(fc.nat(100)),
      message: fc.option(fc.string()),
      sessionId: fc.option(fc.constant("s3")),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ type: fc.constant("answer" as const), attempt: anyOffset, answer: anyAnswer }),
  },
  {
    weight: 12,
    arbitrary: fc
      .tuple(anyOffset, fc.constantFrom("A", "B"), fc.constantFrom(true, true, true, true, true, false))
      .map(
        ([attempt, command, passed]): TaskCommand => ({
          type: "check",
          attempt,
          receipt: receiptOf(command, passed),
        }),
      ),
  },
  { weight: 8, arbitrary: anyOffset.map((attempt): TaskCommand => ({ type: "succeed", attempt })) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("fail" as const),
      attempt: anyOffset,
      reason: fc.string(),
      kind: fc.constantFrom(...kinds),
      answer: fc.option(anyAnswer),
      feedback: fc.option(fc.string()),
      retryAt: fc.option(fc.nat(10_000_000)),
    }),
  },
  {
    weight: 3,
    arbitrary: anyOffset.map((attempt): TaskCommand => ({ type: "lose", attempt, reason: "killed" })),
  },
  {
    weight: 3,
    arbitrary: anyOffset.map((attempt): TaskCommand => ({ type: "interrupt", attempt, reason: "Ctrl-C" })),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("answer-approval" as const),
      approved: fc.constantFrom(true, true, false),
      by: fc.constantFrom("ann", "bob"),
      via: fc.constant("test"),
      note: fc.option(fc.string()),
      attempt: fc.oneof(fc.constant(null), anyOffset),
    }),
  },
  { weight: 1, arbitrary: fc.constant<TaskCommand>({ type: "cancel", reason: "no longer wanted" }) },
  { weight: 3, arbitrary: anyOffset.map((attempt): TaskCommand => ({ type: "confirm-cancel", attempt })) },
);

/** Commands with the milliseconds that pass before each; those that name an attempt do so relative to the newest. */
export const anyCommands: fc.Arbitrary<readonly (readonly [number, TaskCommand])[]> = fc.array(
  fc.tuple(fc.oneof(fc.nat(50), fc.nat(4_000_000), fc.constant(24 * 60 * 60_000)), anyCommand),
  { minLength: 20, maxLength: 100, size: "max" },
);

/** One command and what came of it. */
interface Step {
  readonly at: number;
  readonly before: TaskState;
  readonly command: TaskCommand;
  readonly decision: Decision;
  readonly after: TaskState;
}

export interface Life {
  readonly task: FarmTask;
  readonly steps: readonly Step[];
  /** The journal: events with their times, refused attempts among them as a store writes them. */
  readonly journal: readonly { readonly at: number; readonly event: TaskEvent }[];
  readonly end: TaskState;
}

/** Asks everything of a task, right or wrong, and keeps what happened. */
export function play(task: FarmTask, commands: readonly (readonly [number, TaskCommand])[]): Life {
  let now = 0;
  let state = submitted(task);
  const steps: Step[] = [];
  const journal: { at: number; event: TaskEvent }[] = [];
  for (const [waitMs, relative] of commands) {
    now += waitMs;
    const command: TaskCommand =
      "attempt" in relative && relative.attempt !== null
        ? { ...relative, attempt: state.attempt + relative.attempt }
        : relative;
    const decision = decide(state, command, now);
    const before = state;
    const events = decision.ok ? decision.events : refusedEvents(command, decision.refusal);
    for (const event of events) {
      journal.push({ at: now, event });
      state = evolve(state, event, now);
    }
    steps.push({ at: now, before, command, decision, after: state });
  }
  return { task, steps, journal, end: state };
}

function refusedEvents(command: TaskCommand, reason: string): TaskEvent[] {
  return "attempt" in command && command.type !== "answer-approval"
    ? [{ type: "attempt.refused", attempt: command.attempt, reason }]
    : [];
}
