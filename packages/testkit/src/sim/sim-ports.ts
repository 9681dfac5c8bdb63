/** All ports of an engine, simulated, for one process. */
import {
  type Custody,
  type EnginePorts,
  fixedRoster,
  type Store,
  type Vitals,
  type Workplace,
} from "mai-orchestration-engine";
import { longestStopMs, type Machine } from "./machine.ts";
import { simAgent } from "./sim-agent.ts";
import { simRunCheck } from "./sim-checks.ts";
import type { SimProcess } from "./sim-process.ts";
import type { SimWorker } from "./world.ts";

export function simPorts(process: SimProcess, worker: SimWorker, store: Store): EnginePorts {
  const { machine, workerId } = process;
  return {
    store,
    clock: process.clock,
    roster: fixedRoster(worker.agents.map((agent) => simAgent(process, agent))),
    custody: simCustody(process),
    workplace: simWorkplace(process),
    runCheck: simRunCheck(process),
    checkSlots: worker.checkSlots,
    vitals: simVitals(process),
    observer: {
      started: ({ runId, taskId, attempt }) =>
        machine.tell({ type: "told.started", worker: workerId, runId, taskId, attempt }),
      ended: ({ runId, spec }) =>
        machine.tell({ type: "told.ended", worker: workerId, runId, taskId: spec.taskId }),
    },
  };
}

function simCustody(process: SimProcess): Custody {
  const { machine, workerId } = process;
  return {
    self: process.identity,
    isDead: (other) => machine.isDead(other.workerId),
    reap: (mark) =>
      process.port(
        `reap of ${mark}`,
        () => {
          machine.tell({ type: "reaped", mark, worker: workerId });
          return reap(machine, mark);
        },
        false,
      ),
  };
}

/** Looks at what the processes of an attempt really do. */
function simVitals({ machine }: SimProcess): Vitals {
  return {
    watch(mark) {
      let lookedAt: number | null = null;
      return {
        async look() {
          const since = lookedAt;
          lookedAt = machine.atMs;
          if (since === null) return { busy: null, changed: null };
          return { busy: machine.childrenOf(mark).some((child) => child.busyUntilMs > since), changed: null };
        },
      };
    },
  };
}

/** Asks every process of the mark to end, which takes some of them a while. */
async function reap(machine: Machine, mark: string): Promise<void> {
  const random = machine.random.fork(`reap ${mark} ${machine.atMs}`);
  const deaths = machine.childrenOf(mark).map(
    (child) =>
      new Promise<void>((resolve) => {
        machine.after(random.pick([0, 5, random.int(1, longestStopMs)]), () => {
          machine.endChild(child, "reaped");
          resolve();
        });
      }),
  );
  await Promise.all(deaths);
}

function simWorkplace({ machine, random }: SimProcess): Workplace {
  return {
    prepare: async ({ root, claim, backend }) => {
      if (machine.fault(random, "placeFails")) throw new Error("the disk is full");
      const outputFile = backend === "function" ? "" : `${root}/${claim.taskId}-${claim.attempt}.log`;
      return { root, workspace: root, outputFile };
    },
    keep: async (root, claim) => {
      if (machine.fault(random, "placeFails")) throw new Error("the disk is full");
      return `${root}/${claim.taskId}-${claim.attempt}.log`;
    },
  };
}
