/** The file as one process sees it: it may be locked, and commits may fail before or after they take effect. */
import { isMaiError, MaiError, messageOf } from "mai-orchestration-core";
import type { Table } from "mai-orchestration-engine";
import type { Machine } from "./machine.ts";
import type { Random } from "./random.ts";

/** What the table must know of the process that opened it. */
export interface Opener {
  readonly isAlive: boolean;
  readonly random: Random;
}

/** Everything but commits goes straight to the machine's file. */
export function simTable(machine: Machine, opener: Opener): Table {
  const file = machine.open();
  const own = ownParts(machine, opener, file);
  const bound = new Map<string | symbol, unknown>();
  return new Proxy<Table>(file, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name);
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (!bound.has(name)) bound.set(name, value.bind(target));
      return bound.get(name);
    },
  });
}

type OwnParts = Pick<Table, "transact" | "foreignChange">;

function ownParts(machine: Machine, opener: Opener, file: Table): OwnParts {
  let seen = machine.commits;
  return {
    transact: (work) => {
      // What a dead process still wanted to write is never written.
      if (!opener.isAlive) throw new MaiError("store.closed", "The process is dead");
      refuse(machine, opener.random);
      const wasUpToDate = seen === machine.commits;
      const result = commit(machine, file, work);
      if (wasUpToDate) seen = machine.commits;
      if (machine.fault(opener.random, "storeRejectsAfter"))
        throw new MaiError("store.failed", "The disk does not answer");
      return result;
    },
    foreignChange: () => {
      const changed = machine.commits !== seen;
      seen = machine.commits;
      machine.wasQuiet = !changed;
      return changed;
    },
  };
}

function refuse(machine: Machine, random: Random): void {
  if (machine.fault(random, "storeBusy")) throw new MaiError("store.busy", "The file is locked");
  if (machine.fault(random, "storeRejectsBefore")) throw new MaiError("store.failed", "The disk is full");
}

function commit<T>(machine: Machine, file: Table, work: () => T): T {
  try {
    return file.transact(work);
  } catch (error) {
    // No fault makes the rules throw.
    if (!isMaiError(error)) machine.tell({ type: "broken", what: messageOf(error) });
    throw error;
  } finally {
    machine.commits++;
    machine.readNewEntries();
  }
}
