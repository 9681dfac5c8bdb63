/** A simulated process: its ports answer while it lives, and never again after it died. */
import { messageOf } from "mai-orchestration-core";
import type { Clock, WorkerIdentity } from "mai-orchestration-engine";
import type { Machine } from "./machine.ts";
import type { Random } from "./random.ts";

export class SimProcess {
  readonly machine: Machine;
  readonly identity: WorkerIdentity;
  readonly random: Random;
  readonly clock: Clock;
  isAlive = true;
  readonly #onEnd: ((how: "died" | "exited") => void)[] = [];

  constructor(machine: Machine, workerId: string) {
    this.machine = machine;
    this.identity = { workerId, pid: 1, started: workerId, host: "sim" };
    this.random = machine.random.fork(`process ${workerId}`);
    this.clock = {
      now: () => machine.now(),
      timer: (ms, fire) => machine.after(ms, () => this.#fire(fire)),
      soon: (fire) => {
        machine.after(0, () => this.#fire(fire));
      },
    };
  }

  get workerId(): string {
    return this.identity.workerId;
  }

  /** From here on nothing that this process waits for ever comes, and nothing it does has an effect. */
  end(how: "died" | "exited"): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const listener of this.#onEnd) listener(how);
  }

  onEnd(listener: (how: "died" | "exited") => void): void {
    this.#onEnd.push(listener);
  }

  /** A call of a port: may be the last thing this process does, and may take its time. */
  port<T>(name: string, work: () => Promise<T>, isSlow: boolean): Promise<T> {
    const { machine, random } = this;
    return new Promise((resolve, reject) => {
      if (!this.isAlive) return;
      const death = machine.fault(random, "dies") ? random.pick(["before", "after"]) : null;
      if (death === "before") return this.#dieAt(`before ${name}`);
      const delays = isSlow && machine.fault(random, "storeSlow") ? [slowMs(random), slowMs(random)] : [0, 0];
      const answer = (deliver: () => void): void => {
        if (death === "after") this.#dieAt(`after ${name}`);
        this.#later(delays[1] ?? 0, deliver);
      };
      this.#later(delays[0] ?? 0, () => {
        work().then(
          (value) => answer(() => resolve(value)),
          (error: unknown) => answer(() => reject(error)),
        );
      });
    });
  }

  #later(ms: number, act: () => void): void {
    if (!this.isAlive) return;
    if (ms === 0) act();
    else this.machine.after(ms, () => this.#fire(act));
  }

  #fire(act: () => void): void {
    if (!this.isAlive) return;
    try {
      act();
    } catch (error) {
      this.machine.tell({ type: "broken", what: messageOf(error) });
      this.end("died");
    }
  }

  #dieAt(where: string): void {
    if (!this.isAlive) return;
    this.machine.tell({ type: "fault", what: `${this.workerId} dies ${where}` });
    this.end("died");
  }
}

function slowMs(random: Random): number {
  return random.pick([0, 1, 20, 300, 2_000]);
}
