/** The checks of many tasks on one merged tree: each distinct one once, in a clean checkout. */
import { type Check, type FarmTask, messageOf, type Receipt } from "mai-orchestration-core";
import type { RunCheck } from "mai-orchestration-engine";
import { checkClean } from "../workspace/check-clean.ts";
import type { Repository } from "../workspace/repository.ts";
import type { Judgement, Tip } from "./merge-queue.ts";

/** @internal */
export interface MergedChecksOptions {
  readonly repository: Repository;
  readonly included: readonly string[];
  readonly runCheck: RunCheck;
  readonly runId: string;
  /** Where the target stood before: what a check of `baseline: true` is compared with. */
  readonly before: Tip;
  readonly outputFile: string;
  readonly mark: string;
  readonly signal: AbortSignal;
}

interface Group {
  readonly task: FarmTask;
  readonly checks: Map<string, Check>;
}

/** Remembers what it saw: the same tree is not checked twice for the same reason. @internal */
export class MergedChecks {
  readonly #options: MergedChecksOptions;
  readonly #known = new Map<string, Receipt>();

  constructor(options: MergedChecksOptions) {
    this.#options = options;
  }

  /** Rejects when it was stopped: then nothing is known. */
  async judge(tip: Tip, tasks: readonly FarmTask[]): Promise<Judgement> {
    const receipts: Receipt[] = [];
    for (const group of groupsOf(tasks)) {
      const found = await this.#run(tip, group);
      if (typeof found === "string") return { fault: found, receipts };
      receipts.push(...found);
      for (const receipt of found) {
        const fault = receipt.passed ? null : await this.#faultOf(receipt, group);
        if (fault !== null) return { fault, receipts };
      }
    }
    return { fault: null, receipts };
  }

  /** What a failed check means; `null` when it may fail, for it failed before. */
  async #faultOf(receipt: Receipt, group: Group): Promise<string | null> {
    const check = group.checks.get(receipt.command);
    if (check === undefined) return null;
    const how = receipt.exitCode === null ? "does not end in time" : `exits with ${receipt.exitCode}`;
    const fault = `its check ${how} on the merged tree: ${check.command}`;
    const before = await this.#run(this.#options.before, {
      task: group.task,
      checks: new Map([[check.command, check]]),
    });
    const failsBefore = typeof before !== "string" && before.some(({ passed }) => !passed);
    if (!failsBefore) return fault;
    return check.baseline === true ? null : `${fault} (it fails on the target without this work as well)`;
  }

  /** Receipts up to the first failure, or why there are none. */
  async #run(tip: Tip, { task, checks }: Group): Promise<readonly Receipt[] | string> {
    const { before, ...options } = this.#options;
    const keyOf = (check: Check): string => JSON.stringify([tip.tree, placeOf(task), check]);
    const open = [...checks.values()].filter((check) => !this.#known.has(keyOf(check)));
    try {
      // One that may fail must not hide the others.
      const stopsAtFailure = open.every(({ baseline }) => baseline !== true);
      const clean = { ...options, task, commit: tip.commit, stopsAtFailure };
      const receipts = open.length === 0 ? [] : await checkClean(clean, open);
      this.#options.signal.throwIfAborted();
      for (const [index, receipt] of receipts.entries()) {
        const check = open[index];
        if (check !== undefined) this.#known.set(keyOf(check), receipt);
      }
    } catch (error) {
      this.#options.signal.throwIfAborted();
      return `the merged tree cannot be checked: ${messageOf(error)}`;
    }
    return [...checks.values()].flatMap((check) => this.#known.get(keyOf(check)) ?? []);
  }
}

/** Tasks whose checks run in the same place, made ready in the same way. */
function groupsOf(tasks: readonly FarmTask[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const task of tasks) {
    const key = placeOf(task);
    const group = groups.get(key) ?? { task: { ...task, taskId: "delivery" }, checks: new Map() };
    groups.set(key, group);
    for (const check of task.verify ?? []) {
      // Where one of two tasks allows a failure, the other does not.
      const known = group.checks.get(check.command);
      if (known === undefined || known.baseline === true) group.checks.set(check.command, check);
    }
  }
  return [...groups.values()];
}

function placeOf({ env = {}, cwd = "", link = [], setup = [] }: FarmTask): string {
  return JSON.stringify([env, cwd, link, setup]);
}
