/** `mai validate`: checks a plan without running it. */
import { isMaiError } from "mai-orchestration-core";
import type { PlanProblem } from "mai-orchestration-core/plan";
import { exitCode, jsonFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { dryTasks, mostAtOnce } from "../run/dry-run.ts";
import { type PlannedRun, planRun } from "../run/plan-of-run.ts";
import { refuseMissing } from "../run/refuse-missing.ts";
import { plural } from "../text/text.ts";
import { themeFor } from "../text/theme.ts";

/** @internal */
export const verb: Verb = {
  usage: "validate PLAN",
  args: [1, 1],
  flags: [jsonFlag],
  details: `Checks the plan, and that a configured agent can do each task; starts nothing. Whether the programs of the
agents are on this machine is only noted: a plan can be good elsewhere. "-" reads the plan from stdin.`,
  examples: [
    ["mai validate plan.yaml", "every mistake, with its line"],
    ["mai validate plan.yaml --json", "the mistakes as objects, for editors"],
  ],
  async run(words, io) {
    const path = words.args[0] ?? "";
    if (!words.has("json")) {
      io.stdout.write(goodText(await planRun(path, io), io));
      return exitCode.succeeded;
    }
    try {
      const planned = await planRun(path, io);
      const { plan } = planned;
      const note = missingNote(planned, io);
      io.stdout.write(
        `${JSON.stringify({ ok: true, name: plan.name, tasks: plan.tasks.length, problems: [], notes: note === null ? [] : [note] })}\n`,
      );
      return exitCode.succeeded;
    } catch (error) {
      if (!isMaiError(error)) throw error;
      const { code, message, hint } = error;
      const problems = Array.isArray(error.cause)
        ? (error.cause as PlanProblem[])
        : [{ code, message, hint: hint ?? null }];
      io.stdout.write(`${JSON.stringify({ ok: false, problems })}\n`);
      return exitCode.badInput;
    }
  },
};

function goodText(planned: PlannedRun, io: CommandIo): string {
  const theme = themeFor(io.stdout, io.env);
  const tasks = dryTasks(planned);
  const checks = planned.plan.tasks.reduce((sum, task) => sum + (task.verify?.length ?? 0), 0);
  const unproven = planned.plan.tasks.filter((task) => (task.verify?.length ?? 0) === 0).length;
  const missing = missingNote(planned, io);
  const here = missing === null ? "" : `${missing}\n`;
  const note =
    unproven === 0 ? "" : `${plural(unproven, "task")} without a check: a success there stays unverified\n`;
  const good = theme.good(`${planned.source} is good`);
  return `${good}: ${plural(tasks.length, "task")}, ${plural(tasks.at(-1)?.wave ?? 0, "wave")}, ${plural(checks, "check")}, at most ${mostAtOnce(planned, planned.parallel)} at once\n${note}${here}`;
}

/** That `mai run` would refuse the plan on this machine, and why; `null` when it would not. */
function missingNote({ plan, agents, root }: PlannedRun, io: CommandIo): string | null {
  try {
    refuseMissing(plan.tasks, agents, root, io);
    return null;
  } catch (error) {
    if (!isMaiError(error)) throw error;
    return `\`mai run\` would refuse it on this machine: ${error.message}`;
  }
}
