/** The real embedded store over the machine's file, as one process reaches it. */
import { embeddedStore, type Store } from "mai-orchestration-engine";
import type { SimProcess } from "./sim-process.ts";
import { simTable } from "./sim-table.ts";

export function simStore(process: SimProcess): Store {
  const table = simTable(process.machine, process);
  const store = embeddedStore(table, process.clock);
  process.onEnd(() => table.close());
  const call =
    <A extends readonly unknown[], T>(name: string, method: (...given: A) => Promise<T>) =>
    (...given: A): Promise<T> =>
      process.port(`store.${name}`, () => method(...given), true);
  return {
    name: "sim",
    submit: call("submit", store.submit),
    claim: call("claim", store.claim),
    renew: call("renew", store.renew),
    adopt: call("adopt", store.adopt),
    settle: call("settle", store.settle),
    append: call("append", store.append),
    cancel: call("cancel", store.cancel),
    reopen: call("reopen", store.reopen),
    block: call("block", store.block),
    answerApproval: call("answerApproval", store.answerApproval),
    note: call("note", store.note),
    runs: call("runs", store.runs),
    run: call("run", store.run),
    tasks: call("tasks", store.tasks),
    counts: call("counts", store.counts),
    held: call("held", store.held),
    drivers: call("drivers", store.drivers),
    journal: call("journal", store.journal),
    onChange: store.onChange,
    restore: call("restore", store.restore),
    prune: call("prune", store.prune),
    close: store.close,
  };
}
