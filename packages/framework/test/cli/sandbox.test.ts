import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, mai, planText } from "../support/test-io.ts";

const config = `agents:
  - { id: bash, sandbox: bwrap }
`;

test("a run that is to work behind a wall is refused where there is none, before anything is started", async () => {
  const cwd = folder({ "mai.config.yaml": config, "plan.json": planText({ a: "touch started" }) });
  const env = { PATH: join(cwd, "empty") };

  const run = await mai(cwd, ["run", "plan.json"], { env });
  const doctor = await mai(cwd, ["doctor"], { env });

  expect(run.code).toBe(4);
  expect(run.err).toContain("agent bash works behind bwrap, which is not installed");
  expect(run.err).toContain("apt-get install bubblewrap");
  expect((await mai(cwd, ["ps"])).code).not.toBe(0);
  expect(doctor.code).toBe(1);
  expect(doctor.out).toContain("bwrap is not installed; bash: can do nothing");
});

test("an unknown sandbox is a mistake of the configuration", async () => {
  const cwd = folder({
    "mai.config.yaml": config.replace("bwrap", "moat"),
    "plan.json": planText({ a: "true" }),
  });

  const { code, err } = await mai(cwd, ["run", "plan.json"]);

  expect(code).toBe(4);
  expect(err).toMatch(/mai\.config\.yaml:2:\d+: .*sandbox.*bwrap/);
});
