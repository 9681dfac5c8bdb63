/** `mai run --detach`: the same run in a process of its own, which no hang-up reaches. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { MaiError, messageOf } from "mai-orchestration-core";
import { safeFileName } from "../../execution/safe-file-name.ts";
import { prepareStateFolder, stateFolderName } from "../../execution/state-folder.ts";
import { logFolder } from "../../execution/workplace.ts";
import { exitCode, type Words } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { storeWords } from "../store/store-words.ts";
import type { PlannedRun } from "./plan-of-run.ts";
import { runIdVariable } from "./tell-starter.ts";

/** What is to go on in the background. @internal */
export interface DetachedWork {
  /** After `mai`. */
  readonly args: readonly string[];
  /** Of the run, absolute. */
  readonly root: string;
  /** Of the store, absolute. */
  readonly storePath: string;
  /** For the standard input of the process in the background. */
  readonly stdin: Uint8Array | null;
}

/** The same run in the background; see {@link detach}. @internal */
export async function runDetached(
  planned: PlannedRun,
  storePath: string,
  words: Words,
  io: CommandIo,
): Promise<number> {
  const { root, stdin } = planned;
  return detach({ args: childArguments(words), root, storePath, stdin }, words, io);
}

/** Starts the work in the background, and resolves once the id of its run is printed: what is printed is durable. @internal */
export async function detach(work: DetachedWork, words: Words, io: CommandIo): Promise<number> {
  const { root } = work;
  makeFolders(root);
  // Written under this name until the run has an id; an open file follows its renaming.
  const early = join(logFolder(root), `starting-${randomUUID()}.log`);
  const log = openSync(early, "a");
  const child = spawn(io.self[0] ?? "", [...io.self.slice(1), ...work.args], {
    cwd: io.cwd,
    detached: true,
    env: { ...io.env, [runIdVariable]: "3" },
    stdio: ["pipe", log, log, "pipe"],
  });
  closeSync(log);
  const failed = once(child, "error").then(([error]) => error as unknown);
  // The plan was read here, and standard input has nothing more to say.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(work.stdin ?? "");
  const runId = await Promise.race([
    firstLine(child.stdio[3] as Readable),
    failed.then(messageOf).then(() => ""),
  ]);
  if (runId === "") return relayFailure(child, early, io);

  mkdirSync(join(logFolder(root), safeFileName(runId)), { recursive: true });
  const kept = join(logFolder(root), safeFileName(runId), "engine.log");
  renameSync(early, kept);
  child.unref();
  (child.stdio[3] as Readable).destroy();
  say(runId, kept, await storeWords(work.storePath, io), words, io);
  return exitCode.succeeded;
}

function makeFolders(root: string): void {
  try {
    prepareStateFolder(join(root, stateFolderName));
    mkdirSync(logFolder(root), { recursive: true });
  } catch (error) {
    throw new MaiError("store.failed", `${join(root, stateFolderName)} cannot be made: ${messageOf(error)}`, {
      hint: "Check the folder and its permissions.",
      cause: error,
    });
  }
}

function childArguments(words: Words): string[] {
  const args = ["run", words.args[0] ?? "-"];
  for (const name of ["parallel", "timeout", "max-cost", "store", "agents", "tags", "key"]) {
    const value = words.value(name);
    if (value !== undefined) args.push(`--${name}`, value);
  }
  for (const name of ["fail-fast", "no-wait", "require-verified", "json"])
    if (words.has(name)) args.push(`--${name}`);
  return args;
}

/** The first line that comes, without its end; empty when the other side closed before. */
async function firstLine(stream: Readable): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += String(chunk);
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  return "";
}

/** The process in the background ended before it had a run: what it said is the answer. */
async function relayFailure(child: ChildProcess, log: string, io: CommandIo): Promise<number> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
    await once(child, "exit");
  const said = readFileSync(log, "utf8");
  rmSync(log, { force: true });
  io.stderr.write(
    said === "" ? "mai: the process in the background ended at once, and said nothing\n" : said,
  );
  return child.exitCode ?? exitCode.failed;
}

function say(runId: string, log: string, inStore: string, words: Words, io: CommandIo): void {
  if (words.has("json")) {
    io.stdout.write(`${JSON.stringify({ runId, log })}\n`);
    return;
  }
  io.stdout.write(`${runId}\n`);
  io.stderr.write(
    `Runs in the background. Watch: mai attach ${runId}${inStore}   Cancel: mai cancel ${runId}${inStore}   Log: ${log}\n`,
  );
}
