import { folder, jsonLines, mai, planText } from "./test-io.ts";

/** A folder with one run that ended: `a` verified, `b` failed at its second attempt, `c` blocked by it. */
export async function endedRun(): Promise<{ readonly cwd: string; readonly runId: string }> {
  const plan = planText(
    {
      a: { command: "echo said by a", verify: ["true"] },
      b: { command: "echo said by b; exit 7", retry: { max_attempts: 2, backoff: "1ms" } },
      c: { command: "true", depends_on: ["b"] },
    },
    { name: "three" },
  );
  const cwd = folder({ "plan.json": plan });
  await mai(cwd, ["run", "plan.json"]);
  const [run] = jsonLines((await mai(cwd, ["ps", "--json"])).out);
  return { cwd, runId: String(run?.["runId"]) };
}
