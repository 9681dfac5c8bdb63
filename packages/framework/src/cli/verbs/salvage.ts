/** `mai salvage`: work that does not count, and was kept all the same. */
import { dirname, resolve } from "node:path";
import type { Git, Salvaged } from "mai-orchestration-agents";
import { MaiError } from "mai-orchestration-core";
import { findRoot } from "../../config/find-root.ts";
import { isPostgresUrl } from "../../store/shared-store.ts";
import { exitCode, type Flag, jsonFlag, storeFlag, usageError, type Verb, type Words } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { findStore } from "../store/find-store.ts";
import { ago } from "../text/amounts.ts";
import { columnsOf, headings, tableLines } from "../text/table.ts";
import { themeFor } from "../text/theme.ts";

const branchFlag: Flag = {
  name: "branch",
  value: "NAME",
  summary: "the new branch; mai-restored/RUN/TASK/N when left out",
};
const toFlag: Flag = { name: "to", value: "FOLDER", summary: "check it out into a new folder as well" };

/** @internal */
export const verb: Verb = {
  usage: "salvage list|show|restore [RUN/TASK/N]",
  args: [1, 2],
  flags: [branchFlag, toFlag, jsonFlag, storeFlag],
  details: `What an isolated attempt left is never thrown away: if it failed, was cancelled or died with its engine, all that
git does not ignore is kept under refs/mai/salvage. \`restore\` makes a branch of it and touches no file of yours.`,
  examples: [
    ["mai salvage list", "everything that was salvaged, the newest first"],
    ["mai salvage show run-mb3x-k2/types/1", "its patch"],
    ["mai salvage restore types", "a branch with the newest of task `types`"],
    ["mai salvage restore types --to ../types", "the same, checked out into a new folder"],
  ],
  async run(words, io) {
    const [what = "", name] = words.args;
    const { createGit } = await import("mai-orchestration-agents");
    const { git, close } = createGit();
    try {
      const asked = { git, root: await rootOf(words, io), name, words, io };
      if (what === "list") return await list(asked);
      if (what === "show") return await show(asked);
      if (what === "restore") return await restore(asked);
      throw usageError(`salvage takes list, show or restore, not ${JSON.stringify(what)}`, "salvage");
    } finally {
      close();
    }
  },
};

interface Asked {
  readonly git: Git;
  readonly root: string;
  readonly name: string | undefined;
  readonly words: Words;
  readonly io: CommandIo;
}

/** The folder whose `.mai` holds the store: where the runs were. With a shared store, what is here was left here. */
async function rootOf(words: Words, io: CommandIo): Promise<string> {
  const place = await findStore(words, io);
  return isPostgresUrl(place) ? findRoot(io.cwd) : dirname(dirname(place));
}

async function list({ git, root, name, words, io }: Asked): Promise<number> {
  const { listSalvages } = await import("mai-orchestration-agents");
  const all = await listSalvages(git, root);
  const found = name === undefined ? all : all.filter((one) => isNamed(one, name));
  if (words.has("json")) for (const one of found) io.stdout.write(`${JSON.stringify(one)}\n`);
  else if (found.length === 0) io.stdout.write("nothing was salvaged\n");
  else {
    const theme = themeFor(io.stdout, io.env);
    const head = headings(theme.dim, "SALVAGED", "AGE", "WORK");
    const rows = found.map((one) => [
      { text: one.name, keep: true },
      { text: ago(io.now() - one.at), right: true },
      { text: one.subject },
    ]);
    io.stdout.write(`${tableLines([head, ...rows], columnsOf(io.stdout)).join("\n")}\n`);
  }
  return exitCode.succeeded;
}

async function show({ git, root, name, words, io }: Asked): Promise<number> {
  const { patchOfSalvage } = await import("mai-orchestration-agents");
  const one = await named(git, root, name);
  const patch = await patchOfSalvage(git, root, one);
  io.stdout.write(words.has("json") ? `${JSON.stringify({ ...one, patch })}\n` : patch);
  return exitCode.succeeded;
}

async function restore({ git, root, name, words, io }: Asked): Promise<number> {
  const { restoreSalvage } = await import("mai-orchestration-agents");
  const one = await named(git, root, name);
  const branch = words.value("branch") ?? `mai-restored/${one.name}`;
  const to = words.value("to");
  const folder = to === undefined ? null : resolve(io.cwd, to);
  await restoreSalvage(git, root, one, { branch, folder });
  if (words.has("json")) io.stdout.write(`${JSON.stringify({ ...one, branch, folder })}\n`);
  else io.stdout.write(`${one.name} is on branch ${branch}${folder === null ? "" : `, in ${folder}`}\n`);
  return exitCode.succeeded;
}

/** The newest that a name means. */
async function named(git: Git, root: string, name: string | undefined): Promise<Salvaged> {
  if (name === undefined) throw usageError("name what was salvaged: RUN/TASK/N, or a task", "salvage");
  const { listSalvages } = await import("mai-orchestration-agents");
  const one = (await listSalvages(git, root)).find((salvaged) => isNamed(salvaged, name));
  if (one !== undefined) return one;
  throw new MaiError("workspace.salvage-not-found", `Nothing was salvaged under the name ${name}`, {
    hint: "`mai salvage list` shows what there is.",
  });
}

/** By its whole name or ref, by run and task, by run, or by task. */
function isNamed({ name, ref }: Salvaged, wanted: string): boolean {
  const [, task] = name.split("/");
  return name === wanted || ref === wanted || name.startsWith(`${wanted}/`) || task === wanted;
}
