/** `mai validate`: checks a plan without running it. */
import { isMaiError } from "mai-orchestration-core";
import type { PlanProblem } from "mai-orchestration-core/plan";
import { exitCode, jsonFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { dryTasks } from "../run/dry-run.ts";
import { type PlannedRun, planRun } from "../run/plan-of-run.ts";
import { plural } from "../text/text.ts";
import { themeFor } from "../text/theme.ts";

/** @internal */
export const verb: Verb = {
  usage: "validate PLAN",
  args: [1, 1],
  flags: [jsonFlag],
  details: `Reads the plan and the configuration as \`mai run\` would, and starts nothing. "-" reads the plan from stdin.`,
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
      const { plan } = await planRun(path, io);
      io.stdout.write(
        `${JSON.stringify({ ok: true, name: plan.name, tasks: plan.tasks.length, problems: [] })}\n`,
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
  const note =
    unproven === 0 ? "" : `${plural(unproven, "task")} without a check: a success there stays unverified\n`;
  const good = theme.good(`${planned.source} is good`);
  return `${good}: ${plural(tasks.length, "task")}, ${plural(tasks.at(-1)?.wave ?? 0, "wave")}, ${plural(checks, "check")}\n${note}`;
}
