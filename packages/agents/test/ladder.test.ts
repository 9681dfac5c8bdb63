/** Every way in which a process was seen to survive its ending, and what ends it all the same. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { markedProcesses } from "../src/process/process-table.ts";
import { isAlive, newMark, run, temporaryFolder, until } from "./helpers.ts";

interface Ended {
  /** Processes that said their number and live. */
  readonly alive: readonly number[];
  readonly cause: string;
  readonly leftBehind: number;
}

/** Runs a script until it printed so many numbers of processes, then aborts it. */
async function abort(script: string, numbers: number, files: Record<string, string> = {}): Promise<Ended> {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const controller = new AbortController();
  const mark = newMark();
  const pids = new Set<number>();
  const running = run({
    command: ["sh", "-c", script],
    cwd,
    mark,
    signal: controller.signal,
    graceMs: 1_000,
    onLine: (line) => void pids.add(Number(line)),
  });
  await until(() => pids.size >= numbers);

  controller.abort();
  const { cause, leftBehind } = await running;
  return { alive: [...[...pids].filter(isAlive), ...markedProcesses(mark)], cause, leftBehind };
}

const ended: Partial<Ended> = { alive: [], cause: "aborted" };
const deaf = "trap '' TERM HUP INT; echo $$; while :; do sleep 0.1; done";

describe.runIf(process.platform === "linux")("an abort ends", () => {
  test("one that is deaf, and its children", async () => {
    expect(await abort("sh deaf.sh & sh deaf.sh", 2, { "deaf.sh": deaf })).toMatchObject(ended);
  });

  test("children that changed their session, deaf ones too", async () => {
    const left = await abort("setsid sh deaf.sh & setsid sleep 300 & echo $!; wait", 2, { "deaf.sh": deaf });

    expect(left).toMatchObject(ended);
  });

  test("a daemon that divided twice and has no parent any more", async () => {
    const script = "(setsid sh -c '(echo $$; sh deaf.sh) &' &); sleep 300";

    expect(await abort(script, 2, { "deaf.sh": deaf })).toMatchObject(ended);
  });

  test("one that divides while it is killed, each child in a session of its own and its parent gone", async () => {
    const hop = "[ $1 -gt 3000 ] && exit; [ $1 = 20 ] && echo $$; setsid sh hop.sh $(($1 + 1)) &";

    expect(await abort("sh hop.sh 0; sleep 300", 1, { "hop.sh": hop })).toMatchObject(ended);
  });

  test("one that divides while it is killed, all in one group", async () => {
    const hop = "[ $1 -gt 3000 ] && exit; [ $1 = 20 ] && { echo $$; : > on; }; sh hop.sh $(($1 + 1)) &";
    const script = "sh hop.sh 0; until [ -e on ]; do sleep 0.01; done; sleep 0.05";

    expect(await abort(script, 1, { "hop.sh": hop })).toMatchObject({ alive: [] });
  });

  test("one that starts another whenever it is told to end", async () => {
    const hydra =
      "trap 'setsid sh hydra.sh & setsid sh hydra.sh &' TERM; echo $$; while :; do sleep 0.05; done";

    expect(await abort("sh hydra.sh", 1, { "hydra.sh": hydra })).toMatchObject(ended);
  });

  test("one that is halted", async () => {
    const script =
      "sh -c 'echo $$; kill -STOP $$' & setsid sh -c 'echo $$; kill -STOP $$' & sleep 0.1; echo $$; kill -STOP $$";

    expect(await abort(script, 3)).toMatchObject(ended);
  });

  test("one that is halted politely: it goes on, and hears the request", async () => {
    const controller = new AbortController();
    const script = "trap 'echo bye; exit 7' TERM; echo $$; kill -STOP $$; while :; do sleep 0.05; done";
    let pid = 0;
    const running = run({
      command: ["sh", "-c", script],
      signal: controller.signal,
      onLine(line) {
        if (pid === 0) pid = Number(line);
      },
    });
    await until(() => pid > 0 && readFileSync(`/proc/${pid}/stat`, "utf8").includes(") T "));

    controller.abort();

    expect(await running).toMatchObject({ cause: "aborted", exitCode: 7 });
  });

  test("a tree with dead ones in it that nobody collects", async () => {
    // The inner shell ends at once; who started it has become a program that never collects it.
    const left = await abort("sh -c 'exit 0' & echo $$; sh -c 'echo $$'; exec sleep 300", 2);

    expect(left.cause).toBe("aborted");
    expect(left.alive).toEqual([]);
  });

  test("one that dropped its environment but not its group; one that dropped both escapes", async () => {
    const stays = "env -i PATH=$PATH sh -c 'echo $$; exec sleep 300' & ";
    expect(await abort(`${stays} wait`, 1)).toMatchObject(ended);

    const escapes = "env -i PATH=$PATH setsid sh -c 'echo $$; exec sleep 300' & wait";
    const { alive } = await abort(escapes, 1);
    // Without a wall there is nothing by which it could be told from a program of somebody else.
    expect(alive).toHaveLength(1);
    for (const pid of alive) process.kill(pid, "SIGKILL");
  });
});
