/** Starts the workers of a world, again and again until all work is done, and does to them what the world has planned. */
import { Engine, type Store } from "mai-orchestration-engine";
import { lead, submit, type Worker } from "./lead.ts";
import type { Machine } from "./machine.ts";
import { person, type Way } from "./person.ts";
import type { Random } from "./random.ts";
import { simPorts } from "./sim-ports.ts";
import { SimProcess } from "./sim-process.ts";
import { simStore } from "./sim-store.ts";
import type { SimAction, SimWorker, SimWorld } from "./world.ts";

export class Supervisor {
  readonly #machine: Machine;
  /** Living workers by the name of their place. */
  readonly #workers = new Map<string, Worker>();
  /** Places where a worker lives or will. */
  readonly #busy = new Set<string>();
  #started = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    for (const worker of machine.world.workers) this.#startLater(worker, worker.startAtMs);
    for (const action of machine.world.actions) machine.after(action.atMs, () => this.#act(action));
    machine.after(machine.world.healAtMs, () => machine.heal());
    // Where nobody is ever asked, nobody looks: such worlds happen as they did before there were approvals.
    if (asksPersons(machine.world)) {
      person(
        machine,
        (random) => this.#wayOf(random),
        () => this.isOver,
      );
    }
  }

  /** Whether nobody works, because nothing is left to do, and nothing more will come. */
  get isOver(): boolean {
    return this.#busy.size === 0 && this.#machine.isHealed && this.#isDone();
  }

  /** Ends whoever still lives: the world is over. */
  stop(): void {
    for (const { process } of [...this.#workers.values()]) process.end("exited");
  }

  #isDone(): boolean {
    const { file, world } = this.#machine;
    return world.runs.every(({ runId }) => {
      const run = file.run(runId);
      return run?.finishedAt != null && file.tasks({ runId }).every((task) => task.phase === "ended");
    });
  }

  #startLater(settings: SimWorker, ms: number): void {
    if (this.#busy.has(settings.name)) return;
    this.#busy.add(settings.name);
    this.#machine.after(ms, () => this.#start(settings));
  }

  #start(settings: SimWorker): void {
    const machine = this.#machine;
    const workerId = `${settings.name}#${++this.#started}`;
    const process = new SimProcess(machine, workerId);
    process.onEnd((how) => this.#ended(settings, workerId, how));
    const caps = Object.fromEntries(settings.agents.map((agent) => [agent.agentId, agent.maxConcurrent]));
    machine.tell({ type: "worker.started", worker: workerId, caps });
    const store = simStore(process);
    const engine = new Engine(simPorts(process, settings, store));
    const submits = settings.name === machine.world.workers[0]?.name;
    const worker: Worker = { process, settings, store, engine, submits };
    this.#workers.set(settings.name, worker);
    void lead(worker, machine.world.runs).then(() => process.end("exited"));
  }

  #ended(settings: SimWorker, workerId: string, how: "died" | "exited"): void {
    const machine = this.#machine;
    machine.tell({ type: "worker.ended", worker: workerId, how });
    const functions = settings.agents.filter((agent) => agent.backend === "function");
    machine.workerDied(workerId, (child) => functions.some((agent) => agent.agentId === child.agentId));
    this.#workers.delete(settings.name);
    this.#busy.delete(settings.name);
    if (!machine.isHealed || !this.#isDone()) this.#startLater(settings, this.#restartMs(settings, how));
  }

  /** Who found nothing to do looks again from time to time: somebody may add tasks. */
  #restartMs({ restartMs }: SimWorker, how: "died" | "exited"): number {
    return how === "exited" ? Math.max(restartMs, 5_000) : restartMs;
  }

  #act(action: SimAction): void {
    const machine = this.#machine;
    if (machine.isHealed) return;
    const worker =
      "worker" in action && action.worker !== null ? this.#workers.get(action.worker) : undefined;
    switch (action.type) {
      case "kill":
        worker?.process.end("died");
        return;
      case "interrupt":
        if (worker !== undefined) interrupt(worker);
        return;
      case "jump":
        machine.jump(action.ms);
        return;
      case "submit":
        void this.#submit(action);
        return;
      case "retry":
        void this.#retry(action);
        return;
      case "cancel":
        void this.#cancel(action, worker);
    }
  }

  async #submit({ runId, tasks }: Extract<SimAction, { readonly type: "submit" }>): Promise<void> {
    const run = this.#machine.world.runs.find((one) => one.runId === runId);
    const { process, store } = this.#terminal();
    // Not acknowledged is not promised.
    if (run !== undefined) await submit(process, store, run, tasks).catch(() => undefined);
    process.end("exited");
  }

  async #retry({ runId, taskIds }: Extract<SimAction, { readonly type: "retry" }>): Promise<void> {
    const { process, store } = this.#terminal();
    // Not acknowledged, or refused, is not promised.
    await store.reopen(runId, "once more", taskIds ?? undefined).catch(() => undefined);
    process.end("exited");
  }

  async #cancel(
    { runId, taskIds }: Extract<SimAction, { readonly type: "cancel" }>,
    worker: Worker | undefined,
  ): Promise<void> {
    const ids = taskIds ?? undefined;
    const terminal = worker === undefined ? this.#terminal() : null;
    const by = worker?.engine ?? terminal?.store;
    const askedAt = this.#machine.history.length;
    const isAcknowledged = await by?.cancel(runId, "no longer wanted", ids).then(
      () => true,
      () => false,
    );
    if (isAcknowledged) this.#machine.tell({ type: "cancel.acknowledged", runId, taskIds, askedAt });
    terminal?.process.end("exited");
  }

  /** Through a worker that lives, or from another terminal. */
  #wayOf(random: Random): Way {
    const [worker] = random.chance(0.3) ? [...this.#workers.values()] : [];
    if (worker !== undefined) return { process: null, by: worker.engine };
    const { process, store } = this.#terminal();
    return { process, by: store };
  }

  /** A short-lived process without an engine. */
  #terminal(): { readonly process: SimProcess; readonly store: Store } {
    const process = new SimProcess(this.#machine, `terminal#${++this.#started}`);
    return { process, store: simStore(process) };
  }
}

function asksPersons({ runs, actions }: SimWorld): boolean {
  const late = actions.flatMap((action) => (action.type === "submit" ? action.tasks : []));
  return [...runs.flatMap((run) => run.tasks), ...late].some((task) => task.approval !== undefined);
}

function interrupt({ process, engine }: Worker): void {
  process.machine.tell({ type: "interrupted", worker: process.workerId });
  void engine.interrupt("Ctrl-C");
}
