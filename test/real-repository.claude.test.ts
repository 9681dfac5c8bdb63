/** The main show: a real package, the real Claude Code, a real kill. Fewer good edits than its command asks for. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { claudeOrNull } from "mai-orchestration-testkit";
import { expect, test } from "vitest";
import { repositoryRoot } from "../scripts/lib/repository.ts";

const claude = await claudeOrNull();

test.skipIf(claude === null)(
  "edits of a real repository are all accounted for, whatever breaks, contradicts, cheats or dies",
  async () => {
    const program = join(repositoryRoot, "examples", "real-repository", "run.ts");
    const words = ["--conditions=mai-source", program, "--edits", "11"];

    const show = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    for (const stream of [show.stdout, show.stderr]) stream.on("data", (piece) => (out += String(piece)));
    const code = await new Promise((resolve) => show.on("close", resolve));

    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("holds   no process is left") });
    expect(out).not.toContain("BROKEN");
  },
  900_000,
);
