/** The part of a table that no turn uses here: what only reads is asked of the database, which makes the transactions too. */
import { invariant, type JournalEntry } from "mai-orchestration-core";
import type { HeldAttempt, RunCounts, RunRecord, WorkerIdentity } from "mai-orchestration-engine";

export abstract class UnaskedTable {
  transact<T>(work: () => T): T {
    return work();
  }

  read<T>(work: () => T): T {
    return work();
  }

  foreignChange(): boolean {
    return false;
  }

  close(): void {}

  runs(): RunRecord[] {
    return notHere("runs");
  }

  removeRun(): void {
    notHere("removeRun");
  }

  counts(): RunCounts {
    return notHere("counts");
  }

  held(): HeldAttempt[] {
    return notHere("held");
  }

  drivers(): WorkerIdentity[] {
    return notHere("drivers");
  }

  journal(): JournalEntry[] {
    return notHere("journal");
  }
}

function notHere(what: string): never {
  invariant(false, `${what} is asked of the database itself`);
}
