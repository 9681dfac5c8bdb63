import { expect, test } from "vitest";
import { killEverythingNow } from "../src/index.ts";
import { isAlive, run, until } from "./helpers.ts";

test("everything that runs is dead when killEverythingNow returns, deaf or in another group", async () => {
  const deaf = "trap '' TERM INT; echo $$; while :; do sleep 0.1; done";
  const said = new Set<number>();
  const onLine = (line: string): void => void said.add(Number(line));
  const one = run({ command: ["sh", "-c", deaf], onLine });
  const two = run({ command: ["sh", "-c", `setsid sh -c "$DEAF" & ${deaf}`], env: { DEAF: deaf }, onLine });
  await until(() => said.size === 3);

  killEverythingNow();

  expect([...said].filter(isAlive)).toEqual([]);
  expect(await Promise.all([one, two])).toMatchObject([{ exitSignal: "SIGKILL" }, { exitSignal: "SIGKILL" }]);
});

test("where nothing runs, killEverythingNow has nothing to do", () => {
  expect(killEverythingNow()).toBeUndefined();
});
