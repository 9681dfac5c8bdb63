/** Has the councils of a run held by the engine that drives it. */
import { councilAgentId, type FarmTask, isMaiError, noUsage, type TaskState } from "mai-orchestration-core";
import type { Agent, NewRun, Store } from "mai-orchestration-engine";
import { conclude } from "./growth/conclude.ts";
import { type Growth, grow } from "./growth/grow.ts";
import { belongsTo, isSeatTask } from "./growth/ids.ts";
import { hearingAgent } from "./hearing-agent.ts";
import type { CouncilResult } from "./result.ts";

/** A run and what is needed to hold its councils. @public */
export interface ConveneInput {
  readonly store: Store;
  readonly run: NewRun;
  /** The tasks of the run that have a `council`; at least one. */
  readonly councils: readonly FarmTask[];
  readonly agents: readonly Agent[];
}

/** How the engine that drives the run is told that it has grown. @public */
export interface Driver {
  /** Tasks were added, or a council has decided: it should look for work. */
  wake(): void;
  /** Cancels tasks of the run. */
  cancel(reason: string, taskIds: readonly string[]): Promise<void>;
  /** A council cannot go on, because the store cannot do its work. */
  failed(error: unknown): void;
}

/** The councils of a run, while one process drives it. @public */
export interface Convened {
  /** Those given, listening to seats, and one for each council, which ends its task. */
  readonly agents: readonly Agent[];
  /** Whether an agent may be offered work: that of a council, only once it has decided. */
  isOpen(agentId: string): boolean;
  /** A task of the run ended. */
  ended(task: TaskState): void;
  /** Begins, or goes on from what the run holds. */
  start(driver: Driver): void;
  /** Looks no more; resolves once a look under way is over, and with it what it adds or cancels. */
  stop(): Promise<void>;
}

/**
 * Holds councils: each round, item and review is added to the run as tasks once what it builds on has ended. All of it
 * is derived from the tasks that are there, so that any process can go on after a death.
 *
 * @public
 */
export function conveneCouncils(input: ConveneInput): Convened {
  const { councils, agents } = input;
  const sessions = new Map(
    councils.map((council) => [councilAgentId(council.taskId), new Sitting(input, council)]),
  );
  const isSeat = (taskId: string): boolean => councils.some((council) => isSeatTask(council.taskId, taskId));
  const sittings = [...sessions.values()];
  let stopListening = (): void => undefined;
  return {
    agents: [
      ...agents.map((agent) => hearingAgent(agent, isSeat)),
      ...[...sessions].map(([agentId, sitting]) => councilAgent(agentId, sitting)),
    ],
    isOpen: (agentId) => sessions.get(agentId)?.isDecided ?? true,
    ended: ({ spec }) => {
      for (const sitting of sittings) if (sitting.waitsFor(spec.taskId)) sitting.look();
    },
    start: (driver) => {
      // Other processes may drive the run as well, and end what a council waits for.
      stopListening = input.store.onChange((foreign) => {
        if (foreign) for (const sitting of sittings) sitting.look();
      });
      for (const sitting of sittings) sitting.start(driver);
    },
    stop: async () => {
      stopListening();
      await Promise.all(sittings.map((sitting) => sitting.rest()));
    },
  };
}

/** One council: what is known of its tasks, and one look at a time at what is to be added. */
class Sitting {
  result: CouncilResult | null = null;
  readonly #input: ConveneInput;
  readonly #council: FarmTask;
  readonly #states = new Map<string, TaskState>();
  #lastSequence = -1;
  #driver: Driver | null = null;
  #looking = false;
  #look: Promise<void> = Promise.resolve();
  #lookAgain = false;
  #isOver = false;

  constructor(input: ConveneInput, council: FarmTask) {
    this.#input = input;
    this.#council = council;
  }

  get isDecided(): boolean {
    return this.result !== null;
  }

  start(driver: Driver): void {
    this.#driver = driver;
    this.look();
  }

  waitsFor(taskId: string): boolean {
    if (this.#isOver) return false;
    const { taskId: own, dependsOn = [] } = this.#council;
    return taskId === own || belongsTo(own, taskId) || dependsOn.includes(taskId);
  }

  look(): void {
    const driver = this.#driver;
    if (driver === null || this.#isOver) return;
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = true;
    this.#look = this.#lookOnce(driver)
      .catch((error: unknown) => {
        this.#isOver = true;
        driver.failed(error);
      })
      .finally(() => {
        this.#looking = false;
        if (!this.#lookAgain) return;
        this.#lookAgain = false;
        this.look();
      });
  }

  async rest(): Promise<void> {
    while (this.#looking) await this.#look;
  }

  async #lookOnce(driver: Driver): Promise<void> {
    const own = await this.#refresh();
    if (own === undefined || own.phase === "queued") return;
    if (own.end !== null) {
      this.#isOver = true;
      const open = [...this.#states.values()].filter((task) => task.end === null);
      // Nobody waits any more for what the panel of a cancelled council says.
      if (open.length > 0)
        await driver.cancel(
          `council ${own.spec.taskId} ended`,
          open.map(({ spec }) => spec.taskId),
        );
      return;
    }
    if (this.isDecided) return;
    const growth = this.#grow();
    this.result = growth.result;
    if (growth.submit.length > 0) await this.#submit(growth.submit);
    if (growth.submit.length > 0 || growth.result !== null) driver.wake();
  }

  #grow(): Growth {
    const { agents, run } = this.#input;
    return grow(this.#council, run.runId, this.#states, (agentId, type) =>
      agents.some((agent) => agent.agentId === agentId && agent.prose && agent.capabilities.includes(type)),
    );
  }

  async #submit(tasks: readonly FarmTask[]): Promise<void> {
    const { store, run } = this.#input;
    try {
      await store.submit(run, tasks);
    } catch (error) {
      // Another process, perhaps of another version, asked the same in other words: what it asked counts.
      if (!isMaiError(error) || error.code !== "task.conflict") throw error;
    }
    // What was added is known from now on, so that it is not asked for again.
    this.#lookAgain = true;
  }

  /** Reads what is new in the run and what was open; resolves the council's own task. */
  async #refresh(): Promise<TaskState | undefined> {
    const { store, run } = this.#input;
    const { runId } = run;
    const { taskId } = this.#council;
    const open = [...this.#states.values()]
      .filter((task) => task.end === null)
      .map(({ spec }) => spec.taskId);
    const [known, added] = await Promise.all([
      store.tasks({ runId, taskIds: [taskId, ...open] }),
      store.tasks({ runId, afterSequence: this.#lastSequence }),
    ]);
    for (const task of [...known, ...added]) {
      if (belongsTo(taskId, task.spec.taskId)) this.#states.set(task.spec.taskId, task);
    }
    this.#lastSequence = Math.max(this.#lastSequence, ...added.slice(-1).map((task) => task.sequence));
    return known.find((task) => task.spec.taskId === taskId);
  }
}

/** Ends the task of a council with what its panel decided; it costs nothing. */
function councilAgent(agentId: string, sitting: Sitting): Agent {
  return {
    agentId,
    backend: "function",
    capabilities: [],
    commands: false,
    prose: false,
    maxConcurrent: 1,
    maxAttemptsFor: () => 1,
    async run() {
      const { result } = sitting;
      if (result === null)
        return {
          type: "failed",
          reason: "its panel has not decided",
          kind: "task",
          output: "",
          usage: noUsage,
        };
      const { output, reason } = conclude(result);
      if (reason === null) return { type: "answered", output, usage: noUsage };
      return { type: "failed", reason, kind: "permanent", output, usage: noUsage };
    },
  };
}
