/** A folder with a plan of real work: shell commands that say in a ledger when they begin and end, and leave processes behind. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "mai-orchestration-testkit";

/** Slots of the one agent, which no number of engines may exceed. */
export const slots = 3;

export interface Scene {
  readonly folder: string;
  readonly taskIds: readonly string[];
}

export function makeScene(random: Random): Scene {
  const folder = mkdtempSync(join(tmpdir(), "mai-torture-"));
  mkdirSync(join(folder, "ledger"));
  const taskIds = Array.from({ length: random.int(6, 12) }, (_, index) => `t${index}`);
  const tasks = taskIds.map((id, index) => taskOf(random, id, taskIds.slice(0, index)));
  const plan = { version: 1, name: "torture", parallel: random.pick([2, 3, 4]), tasks };
  writeFileSync(join(folder, "plan.json"), JSON.stringify(plan));
  const agent = { id: "bash", backend: "command", max_concurrent: slots };
  writeFileSync(join(folder, "mai.config.json"), JSON.stringify({ agents: [agent] }));
  return { folder, taskIds };
}

function taskOf(random: Random, id: string, earlier: readonly string[]): object {
  const isChecked = random.chance(0.5);
  return {
    ...{ id, type: "test", description: id, success_criteria: "its ledger says end" },
    command: commandOf(random, id),
    depends_on: random.some(earlier.slice(-3), 0.4),
    retry: { max_attempts: 2, max_lost: 40, backoff: "20ms" },
    ...(isChecked ? { verify: [checkOf(random, id)] } : {}),
    ...(random.chance(0.2) ? { locks: ["one"] } : {}),
  };
}

/** The attempt's number stands at the end of its mark. */
const attempt = "$" + "{MAI_MARK##*/}";

function commandOf(random: Random, id: string): string {
  const ledger = `ledger/${id}`;
  const seconds = random.int(0, 40) / 100;
  const leaves = random.pick([
    "",
    "",
    "sleep 300 &",
    "setsid sleep 300 &",
    "trap '' TERM; (trap '' TERM; sleep 300) &",
    "(setsid sh -c 'trap \"\" TERM HUP; sleep 300' &)",
  ]);
  const fails = random.chance(0.15) ? `test ${attempt} -gt 1 || exit 7;` : "";
  // One write each: lines of processes that should not meet must not mix.
  const say = (word: string): string => `echo "${word} ${attempt}" >> ${ledger};`;
  return `${say("start")} ${leaves} sleep ${seconds}; ${fails} ${say("end")} exit 0`;
}

function checkOf(random: Random, id: string): string {
  const slow = random.chance(0.5) ? "sleep 0.2;" : "";
  return `${slow} echo "check ${attempt}" >> ledger/${id}; grep -q end ledger/${id}`;
}
