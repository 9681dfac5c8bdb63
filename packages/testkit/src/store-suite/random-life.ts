/** Any sequence of commands, right or wrong, by several workers; and how it is played on a store. */
import fc from "fast-check";
import type { Check, FailureKind, FarmTask } from "mai-orchestration-core";
import type { Adoption, Claim, Note, Offer, Outcome, Store } from "mai-orchestration-engine";
import type { VirtualClock } from "../virtual-clock.ts";
import { answerOf, failureOf, offerOf, receiptOf, runOf, taskOf, workerOf } from "./scene.ts";

/** Slots of the agents of a random life. */
export const caps: ReadonlyMap<string, number> = new Map([
  ["coder", 2],
  ["reader", 1],
  ["shell", 3],
]);

const runs = [runOf({ runId: "run-1", parallel: 3 }), runOf({ runId: "run-2" })];

export type Step =
  | { readonly type: "submit"; readonly run: number; readonly tasks: readonly FarmTask[] }
  | {
      readonly type: "claim";
      readonly worker: number;
      readonly slots: readonly [number, number];
      readonly free: readonly [number, number, number];
      readonly idle: boolean;
      readonly only: readonly string[] | null;
    }
  | { readonly type: "settle"; readonly pick: number; readonly outcome: Outcome }
  | { readonly type: "append"; readonly pick: number; readonly note: Note }
  | { readonly type: "renew"; readonly worker: number }
  | { readonly type: "adopt"; readonly pick: number; readonly worker: number }
  | { readonly type: "reopen"; readonly run: number; readonly ids: readonly string[] | null }
  | { readonly type: "cancel"; readonly run: number; readonly ids: readonly string[] | null }
  | { readonly type: "block"; readonly run: number; readonly ids: readonly string[] }
  | {
      readonly type: "answer";
      readonly run: number;
      readonly id: string;
      readonly approved: boolean;
      readonly attempt: number | null;
    }
  | { readonly type: "wait"; readonly ms: number };

export interface Life {
  /** Steps, and for each whether the next one is made in the same turn, before this one is answered. */
  readonly steps: readonly (readonly [step: Step, joined: boolean])[];
  /** Whether the steps are made in turn through two handles on the same data. */
  readonly twoHandles: boolean;
}

const ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
const anyIds = fc.subarray(ids);
const anyPick = fc.nat(30);
const anyRun = fc.nat(1);
const anyWorker = fc.nat(2);
const kinds: readonly FailureKind[] = [
  "task",
  "check",
  "timeout",
  "transient",
  "permanent",
  "quota",
  "login",
];

const anyTask: fc.Arbitrary<FarmTask> = fc
  .record({
    id: fc.nat(ids.length - 1),
    dependsOn: fc.subarray(ids, { maxLength: 2 }),
    changes: fc.record(
      {
        type: fc.constantFrom("implementation", "review"),
        priority: fc.constantFrom("high", "normal", "low"),
        command: fc.constant("true"),
        agent: fc.constantFrom("coder", "reader", "nobody"),
        verify: fc.constant<Check[]>([{ command: "x" }]),
        locks: fc.subarray(["l", "m"]),
        approval: fc.constantFrom("before", "after"),
        estimate: fc.nat(5),
        retry: fc.record({
          maxAttempts: fc.integer({ min: 1, max: 3 }),
          maxLost: fc.nat(2),
          backoff: fc.nat(900),
        }),
      },
      { requiredKeys: ["type"] },
    ),
  })
  .map(({ id, dependsOn, changes }) => {
    // Mostly earlier ones, so that most plans have no cycle; unknown ones are refused.
    const earlier = dependsOn.filter((one) => ids.indexOf(one) < id);
    return taskOf(ids[id] ?? "a", { ...changes, ...(earlier.length > 0 ? { dependsOn: earlier } : {}) });
  });

const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .boolean()
      .map((known): Outcome => ({ type: "succeeded", answer: known ? null : answerOf() })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        kind: fc.constantFrom(...kinds),
        retryAt: fc.option(fc.nat(2_000_000_000_000)),
        answered: fc.boolean(),
      })
      .map(({ kind, retryAt, answered }) =>
        failureOf({ kind, retryAt, answer: answered ? answerOf() : null }),
      ),
  },
  fc.constant<Outcome>({ type: "lost", reason: "its engine died" }),
  fc.constant<Outcome>({ type: "interrupted", reason: "Ctrl-C" }),
  fc.constant<Outcome>({ type: "cancelled" }),
);

const anyNote: fc.Arbitrary<Note> = fc.oneof(
  fc.record({
    type: fc.constant("progress" as const),
    progress: fc.option(fc.nat(100)),
    message: fc.option(fc.string({ unit: "binary" })),
    sessionId: fc.option(fc.constantFrom("s1", "s2")),
  }),
  fc.string({ unit: "binary" }).map((output): Note => ({ type: "answer", answer: answerOf({ output }) })),
  fc
    .constantFrom(true, true, false)
    .map((passed): Note => ({ type: "check", receipt: receiptOf("x", passed) })),
);

const anySubmit: fc.Arbitrary<Step> = fc
  .tuple(anyRun, fc.array(anyTask, { minLength: 1, maxLength: 8 }))
  .map(([run, tasks]) => ({ type: "submit", run, tasks }));

const anyClaim: fc.Arbitrary<Step> = fc.record({
  type: fc.constant("claim" as const),
  worker: anyWorker,
  slots: fc.tuple(fc.nat(4), fc.nat(4)),
  free: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
  idle: fc.boolean(),
  only: fc.option<string[], null>(anyIds, { freq: 1 }),
});

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: anySubmit },
  { weight: 8, arbitrary: anyClaim },
  {
    weight: 9,
    arbitrary: fc.record({ type: fc.constant("settle" as const), pick: anyPick, outcome: anyOutcome }),
  },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("append" as const), pick: anyPick, note: anyNote }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("renew" as const), worker: anyWorker }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("adopt" as const), pick: anyPick, worker: anyWorker }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("reopen" as const), run: anyRun, ids: fc.option(anyIds) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("cancel" as const), run: anyRun, ids: fc.option(anyIds) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("answer" as const),
      run: anyRun,
      id: fc.constantFrom(...ids),
      approved: fc.constantFrom(true, true, false),
      attempt: fc.option(fc.nat(2), { freq: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("block" as const), run: anyRun, ids: anyIds }) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(1, 500, 3_000, 15 * 60_000, 86_400_000)
      .map((ms): Step => ({ type: "wait", ms })),
  },
);

export const anyLife: fc.Arbitrary<Life> = fc.record({
  steps: fc
    .tuple(
      anySubmit,
      fc.array(fc.tuple(anyStep, fc.boolean()), { minLength: 10, maxLength: 80, size: "max" }),
    )
    .map(([submit, steps]): Life["steps"] => [[submit, false], ...steps]),
  twoHandles: fc.boolean(),
});

/**
 * Plays a life. Resolves what each step was answered, a refusal by its code.
 *
 * @param handles - two on the same data, or one twice
 */
export async function playLife(
  handles: readonly [Store, Store],
  clock: VirtualClock,
  { steps, twoHandles }: Life,
): Promise<readonly unknown[]> {
  const claims: Claim[] = [];
  const answers: unknown[] = [];
  let pending: Promise<unknown>[] = [];
  for (const [index, [step, joined]] of steps.entries()) {
    const [one, other] = handles;
    pending.push(play(index % 2 === 0 ? one : other, clock, claims, step).catch(codeOf));
    // Only one handle's calls have an order of their own.
    if (joined && !twoHandles) continue;
    answers.push(...(await Promise.all(pending)));
    pending = [];
  }
  return [...answers, ...(await Promise.all(pending))];
}

async function play(store: Store, clock: VirtualClock, claims: Claim[], step: Step): Promise<unknown> {
  switch (step.type) {
    case "submit":
      return store.submit(runs[step.run] ?? runOf(), step.tasks);
    case "claim": {
      const only = step.only === null ? {} : { only: new Set(step.only) };
      const scopes = runs.map(({ runId }, index) => ({ runId, slots: step.slots[index] ?? 0, ...only }));
      const worker = workerOf(`worker-${step.worker}`);
      const claimed = await store.claim({ worker, scopes, offers: offersOf(step.free), idle: step.idle });
      claims.push(...claimed.claims);
      return claimed;
    }
    case "settle":
    case "append":
    case "adopt": {
      // Mostly one of the newest, sometimes one that is long gone.
      const claim = claims.at(-1 - (step.pick % Math.max(claims.length, 1)));
      if (claim === undefined) return null;
      if (step.type === "adopt") return adopt(store, claims, claim, step.worker);
      return step.type === "settle" ? store.settle(claim, step.outcome) : store.append(claim, step.note);
    }
    case "renew":
      return store.renew(workerOf(`worker-${step.worker}`), claims);
    case "cancel":
      return store.cancel(runs[step.run]?.runId ?? "", "no longer wanted", step.ids ?? undefined);
    case "answer": {
      const { approved, attempt } = step;
      const answer = { approved, by: "ann", via: "test", note: null, attempt };
      return store.answerApproval(runs[step.run]?.runId ?? "", step.id, answer);
    }
    case "block":
      return store.block(runs[step.run]?.runId ?? "", "no agent can do it", step.ids);
    case "reopen":
      return store.reopen(runs[step.run]?.runId ?? "", "once more", step.ids ?? undefined);
    case "wait":
      return clock.pass(step.ms);
  }
}

async function adopt(store: Store, claims: Claim[], claim: Claim, worker: number): Promise<Adoption> {
  const adoption = await store.adopt(claim, workerOf(`worker-${worker}`));
  if (adoption.ok) claims.push(adoption.claim);
  return adoption;
}

function offersOf(free: readonly [number, number, number]): Offer[] {
  const maxAttemptsFor = (): number => 2;
  return [
    offerOf({ agentId: "coder", commands: false, maxConcurrent: 2, free: free[0], maxAttemptsFor }),
    offerOf({
      agentId: "reader",
      commands: false,
      capabilities: ["review"],
      maxConcurrent: 1,
      free: free[1],
    }),
    offerOf({ agentId: "shell", prose: false, maxConcurrent: 3, free: free[2] }),
  ];
}

function codeOf(error: unknown): unknown {
  if (typeof error === "object" && error !== null && "code" in error) return error.code;
  throw error;
}
